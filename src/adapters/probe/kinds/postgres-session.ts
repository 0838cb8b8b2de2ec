import { Socket } from 'node:net'
import type { ClientBase, QueryConfig } from 'pg'
import { networkProblem } from '../network-problem.ts'
import type { StepOutcome, StepRun } from '../step-outcome.ts'
import { unasked } from '../step-outcome.ts'
import { attempt, wrong, type Tell } from './attempt.ts'
import { readServiceUrl, tlsOptions, type Security, type ServiceUrl } from './service-url.ts'

/** A row by column, as JSON would have it. */
export type Row = Record<string, unknown>

/** Asks one statement; what it answers with. */
export type Ask = (statement: string, values?: readonly string[]) => Promise<Row[]>

const form = {
  schemes: /^postgres(?:ql)?(?:\+\w+)?$/,
  port: 5432,
  example:
    'postgres://user:password@host:5432/database, with %40 for @ and %2F for / in the password',
}

const securities: Record<string, Security> = {
  disable: 'plain',
  require: 'unverified',
  'verify-ca': 'any_name',
  'verify-full': 'verified',
}

/** Options by which libpq would go to another place than the URL names. */
const leadingElsewhere = ['host', 'hostaddr', 'port', 'dbname', 'user', 'password', 'service']

/** Rows that are read of an answer: a smoke test asks for a few. */
const mostRows = 1000

/** What is done in a transaction. */
export interface Work {
  /** Makes a temporary table, which a transaction that only reads cannot; after it nothing is made. */
  prepare: string | null
  ask: (ask: Ask) => Promise<StepOutcome>
}

/**
 * Connects to the database that a reference stands for and asks it within one transaction, which is
 * never committed. Whatever happens, the connection is closed when this answers.
 */
export async function inTransaction(
  reference: string,
  run: StepRun,
  work: Work,
): Promise<StepOutcome> {
  const target = readServiceUrl(reference, run, form)
  if ('problem' in target) return unasked(target.problem)
  const sslmode = target.options.get('sslmode') ?? 'disable'
  const security = securities[sslmode]
  if (security === undefined) {
    return unasked(`sslmode must be one of ${Object.keys(securities).join(', ')}, got ${sslmode}`)
  }
  const elsewhere = leadingElsewhere.find((name) => target.options.has(name))
  if (elsewhere !== undefined) {
    return unasked(`the URL has ?${elsewhere}=, which is not read: expected ${form.example}`)
  }
  if (target.user === '') return unasked(`the URL names no user: expected ${form.example}`)
  const refusal = run.hosts.addressRefusal(target.host)
  if (refusal !== null) return unasked(refusal)
  return await attempt(run, async (signal, tell) => {
    const { client, socket } = await openClient(target, security, { run, signal, tell })
    try {
      await client.connect()
      tell('the query did not end')
      await begin(client, work.prepare, run)
      const outcome = await work.ask((statement, values) => rowsOf(client, statement, values))
      await client.query('rollback')
      await client.end()
      return outcome
    } catch (error) {
      return wrong(await problemOf(error as Error, socket.destroyed))
    }
  })
}

async function openClient(
  { host, port, user, password, path }: ServiceUrl,
  security: Security,
  { run, signal, tell }: { run: StepRun; signal: AbortSignal; tell: Tell },
) {
  const { Client } = await import('pg')
  const socket = socketOf(run, signal, tell)
  const client = new Client({
    host,
    port,
    user,
    database: path || user,
    // As a function: of an empty text the library would look for another one by itself.
    password: () => password,
    ssl: tlsOptions(security, host) ?? false,
    stream: () => socket,
    application_name: 'gonogo',
    types: { getTypeParser: parserOf },
  })
  // What goes wrong is told where it is waited for; a connection may also break in between.
  client.on('error', () => undefined)
  return { client, socket }
}

/** The library connects it: names are looked up where addresses are judged. */
function socketOf(run: StepRun, signal: AbortSignal, tell: Tell): Socket {
  const socket = new Socket({ signal })
  const connect = socket.connect.bind(socket)
  const checked = (port: number, host: string) =>
    connect({ port, host, lookup: run.hosts.lookup }, () => tell('no answer'))
  return Object.assign(socket, { connect: checked })
}

/**
 * Read only, so that a query changes nothing, and with limits of its own: a server goes on with a
 * query whose client is gone.
 */
async function begin(client: ClientBase, prepare: string | null, run: StepRun): Promise<void> {
  const leftMs = Math.max(1, Math.floor(run.limits().remainingMs))
  await client.query(prepare === null ? 'begin read only' : 'begin')
  await client.query(`set local statement_timeout = ${leftMs}`)
  await client.query(`set local lock_timeout = ${leftMs}`)
  if (prepare === null) return
  await client.query(prepare)
  await client.query('set transaction read only')
}

/** The extended protocol takes one statement only: none can end the transaction and begin its own. */
async function rowsOf(
  client: ClientBase,
  text: string,
  values: readonly string[] = [],
): Promise<Row[]> {
  const { Query } = await import('pg')
  const query = new Query({ text, values: [...values], queryMode: 'extended' } as QueryConfig)
  const rows: Row[] = []
  const { promise, resolve, reject } = Promise.withResolvers<Row[]>()
  query.on('row', (row: Row) => {
    if (rows.push(row) > mostRows) reject(new Error(`more than ${mostRows} rows were answered`))
  })
  query.on('error', reject)
  query.on('end', () => resolve(rows))
  client.query(query)
  return await promise
}

/** Numbers, booleans and JSON as such; everything else as the text it is. */
function parserOf(type: number): (text: string) => unknown {
  if ([20, 21, 23, 26, 700, 701, 1700].includes(type)) return numberOrText
  if (type === 16) return (text) => text === 't'
  if (type === 114 || type === 3802) return (text) => JSON.parse(text) as unknown
  return (text) => text
}

/** A number that JavaScript cannot hold stays what it is. */
function numberOrText(text: string): number | string {
  const value = Number(text)
  const fits = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)
  return fits ? value : text
}

async function problemOf(error: Error & { code?: string }, isClosed: boolean): Promise<string> {
  const { DatabaseError } = await import('pg')
  if (error instanceof DatabaseError) {
    return `the database answered: ${error.message} (${error.code})`
  }
  const isLost = isClosed && error.code === undefined
  return isLost ? 'the connection was closed before the answer ended' : networkProblem(error)
}
