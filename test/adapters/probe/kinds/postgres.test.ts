import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runPostgresStep } from '../../../../src/adapters/probe/kinds/postgres.ts'
import type { PostgresStep } from '../../../../src/core/smoke.ts'
import { describeWith, startPostgres, type Service } from '../../../support/services.ts'
import { until } from '../../../support/until.ts'
import { createProbe } from '../../../../src/adapters/probe/probe.ts'
import { useAuthority } from '../../../support/certificates.ts'
import { anAttempt, askWorker, closedPort, listener, type Listener } from './step-run.ts'
import { tlsFront } from './tls-front.ts'

const trusted = useAuthority()

function step(change: Partial<PostgresStep> = {}): PostgresStep {
  return {
    kind: 'postgres',
    name: 'database',
    timeout_seconds: 10,
    parallel: false,
    retry: null,
    url: '{{env.DATABASE_URL}}',
    query: 'select 1',
    round_trip: false,
    expect: { rows: null, values: {} },
    capture: {},
    ...change,
  }
}

/** Asks once, with the URL in the variable that the step refers to. */
async function ask(
  url: string,
  change: Partial<PostgresStep> = {},
  options: Parameters<typeof anAttempt>[0] = {},
) {
  const attempt = anAttempt({ ...options, variables: { DATABASE_URL: url, ...options.variables } })
  const outcome = await runPostgresStep(step(change), attempt.run)
  const { captured, told } = attempt
  return {
    ...outcome,
    passed: outcome.ran && outcome.problems.length === 0,
    captured,
    message: told(outcome),
  }
}

/** One step through the runner. */
const smoke = (url: string) =>
  createProbe({ now: () => Date.now() }).smoke({
    baseUrl: 'http://127.0.0.1:1',
    steps: [step({ round_trip: true })],
    variables: { DATABASE_URL: url },
    timeoutMs: 5000,
  })

describeWith('postgres', 'a step that asks PostgreSQL', () => {
  let database: Service
  /** Somebody else who looks into the database. */
  let person: Client

  beforeAll(async () => {
    database = await startPostgres()
    person = new Client(database.url)
    person.on('error', () => undefined)
    await person.connect()
    await admin('create table patients (id int, name text, note jsonb, born timestamptz)')
    await admin(`insert into patients values (1, 'Ada', '{"ward":{"bed":7}}', '1815-12-10Z')`)
  })
  afterAll(async () => await database?.stop())

  async function admin(statement: string) {
    const { rows } = await person.query(statement)
    return rows as Record<string, unknown>[]
  }

  test('passes when the database answers, and asks `select 1` by itself', async () => {
    expect(await ask(database.url)).toMatchObject({ passed: true, message: '1 row(s)' })
  })

  test('takes the URL as SQLAlchemy writes it', async () => {
    const url = database.url.replace('postgres:', 'postgresql+psycopg2:')
    expect(await ask(url)).toMatchObject({ passed: true })
  })

  test('compares rows and values: numbers, text, JSON, booleans, nothing', async () => {
    const query = `select id, id > 0 as known, count(*) over () as all, 1.50::numeric as price, name, note, null as gone from patients`
    const values = {
      id: 1,
      known: true,
      all: 1,
      price: 1.5,
      gone: null,
      'note.ward.bed': 7,
    }
    expect(await ask(database.url, { query, expect: { rows: 1, values } })).toMatchObject({
      passed: true,
    })
  })

  test('says which value is another one, which is missing, and how many rows there are', async () => {
    const query = 'select id, name from patients'
    const wrong = { id: 2, name: '{{env.NAME}}', ward: 1 }
    const answer = await ask(
      database.url,
      { query, expect: { rows: null, values: wrong } },
      { variables: { NAME: 'Grace' } },
    )
    expect(answer).toMatchObject({ ran: true, passed: false })
    expect(answer.message).toBe(
      'column id: expected 2, got 1; column name: expected "***", got "Ada"; column ward: expected 1, got nothing',
    )
    const rows = await ask(database.url, { query, expect: { rows: 3, values: {} } })
    expect(rows.message).toBe('expected 3 row(s), got 1')
  })

  test('inserts captured values and captures plain ones of the first row', async () => {
    const query = `select name, note from patients where id = {{id}}`
    const change = { query, capture: { patient: 'name', bed: 'note.ward.bed' } }
    const { passed, captured } = await ask(database.url, change, { values: { id: 1 } })
    expect({ passed, captured }).toEqual({ passed: true, captured: { patient: 'Ada', bed: 7 } })
    const none = await ask(database.url, { query, capture: { all: 'note' } }, { values: { id: 1 } })
    expect(none.message).toBe('nothing to capture as all: column note is not a plain value')
  })

  test('what was captured cannot become a part of the query', async () => {
    for (const query of [
      `select 1 as there from patients where name = '{{name}}'`,
      'select 1 as there from patients where name = {{name}}',
      `select 1 as there from patients where name like '%{{name}}'`,
    ]) {
      for (const name of [`x' or '1'='1`, 'name', `x' or 1=1 --`]) {
        const { passed } = await ask(
          database.url,
          { query, expect: { rows: 1, values: {} } },
          { values: { name } },
        )
        expect({ query, name, passed }).toEqual({ query, name, passed: false })
      }
    }
    const quoted = `select 1 from patients where name = '{{name}}' and name like '{{env.START}}%'`
    const right = { values: { name: 'Ada' }, variables: { START: 'A' } }
    const expected = { rows: 1, values: {} }
    const asked = await ask(database.url, { query: quoted, expect: expected }, right)
    expect(asked.message).toBe('1 row(s)')
  })

  test('writes and reads back a value, and leaves nothing', async () => {
    const before = await admin('select count(*) from pg_class')
    const answer = await ask(database.url, { round_trip: true })
    expect(answer).toMatchObject({ passed: true })
    expect(answer.message).toBe('a value written and read back, 1 row(s)')
    expect(await admin('select count(*) from pg_class')).toEqual(before)
  })

  test('a database that only reads fails the round trip', async () => {
    await admin('alter system set default_transaction_read_only = on')
    await admin('select pg_reload_conf()')
    await until('the new setting', async () => {
      const [row] = await admin('show default_transaction_read_only')
      return row?.['default_transaction_read_only'] === 'on'
    })
    const answers = [await ask(database.url), await ask(database.url, { round_trip: true })]
    await admin('alter system reset default_transaction_read_only')
    await admin('select pg_reload_conf()')
    expect(answers.map(({ passed }) => passed)).toEqual([true, false])
    expect(answers[1]?.message).toContain('read-only transaction')
  })

  test.for([
    ['delete from patients', 'cannot execute DELETE in a read-only transaction'],
    ['commit; delete from patients', 'cannot insert multiple commands'],
    ['with gone as (delete from patients returning id) select id from gone', 'cannot execute'],
    [
      `select set_config('transaction_read_only', 'off', true), pg_sleep(0)`,
      'must be set before any query',
    ],
    [`do $$ begin commit; delete from patients; end $$`, 'invalid transaction termination'],
  ] as const)('changes nothing: %s', async ([query, problem]) => {
    for (const round_trip of [false, true]) {
      const answer = await ask(database.url, { query, round_trip })
      expect(answer).toMatchObject({ ran: true, passed: false })
      expect(answer.message).toContain(problem)
    }
    expect(await admin('select id from patients')).toEqual([{ id: 1 }])
  })

  test('reads no more than 1000 rows', async () => {
    const answer = await ask(database.url, { query: 'select generate_series(1, 100000)' })
    expect(answer).toMatchObject({ passed: false, message: 'more than 1000 rows were answered' })
  })

  test('a wrong password fails, and neither it nor the URL is told', async () => {
    const password = 'wr0ng/secret@1'
    const url = database.url.replace(database.password, encodeURIComponent(password))
    const { message, problems } = await ask(url)
    expect(message).toMatch(/^the database answered: password authentication failed .* \(28P01\)$/)
    expect(problems.join()).not.toContain(encodeURIComponent(password))
    expect(message).not.toContain(password)
  })

  test('what the database says of itself cannot carry the password out', async () => {
    const query = `select cast('${database.password}' as int)`
    const { message } = await ask(database.url, { query })
    expect(message).toBe(
      'the database answered: invalid input syntax for type integer: "***" (22P02)',
    )
  })

  test('a query that takes too long is ended by its limit, in the database too', async () => {
    const answer = await ask(database.url, { query: 'select pg_sleep(30)' }, { timeoutMs: 300 })
    expect(answer).toMatchObject({ ran: true, passed: false })
    await until('the end of the query', async () => {
      const running = await admin(
        `select 1 from pg_stat_activity where application_name = 'gonogo' and state = 'active'`,
      )
      return running.length === 0
    })
  })

  test('an interruption ends it at once and leaves no connection', async () => {
    const silent = await listener()
    const stop = new AbortController()
    const url = `postgres://clinic:secret@127.0.0.1:${silent.port}/clinic`
    const asking = ask(url, {}, { signal: stop.signal })
    await until('the connection', () => silent.open() === 1)
    stop.abort()
    expect(await asking).toMatchObject({ ran: false, passed: false, message: 'interrupted' })
    await until('the end of the connection', () => silent.open() === 0)
    await silent.close()
    expect(await ask(url, {}, { signal: stop.signal })).toMatchObject({ ran: false })
  })

  test('a host that accepts and stays silent fails at the limit, and is let go', async () => {
    const silent = await listener()
    const url = `postgres://clinic:secret@127.0.0.1:${silent.port}/clinic`
    const started = performance.now()
    const answer = await ask(url, {}, { timeoutMs: 200 })
    expect(performance.now() - started).toBeLessThan(2000)
    expect(answer).toMatchObject({ ran: true, passed: false, message: 'no answer within 200 ms' })
    await until('the end of the connection', () => silent.open() === 0)
    await silent.close()
  })

  test('nobody there, a host that hangs up, and one that speaks something else', async () => {
    const nobody = await ask(`postgres://clinic:secret@127.0.0.1:${await closedPort()}/clinic`)
    expect(nobody.message).toBe('connection refused')
    const rude = await listener((socket) => socket.resume().end())
    const hungUp = await ask(`postgres://clinic:secret@127.0.0.1:${rude.port}/clinic`)
    expect(hungUp.message).toBe('the connection was closed before the answer ended')
    await rude.close()
    const plain = await ask(`${database.url}?sslmode=verify-full`)
    expect(plain.message).toBe('The server does not support SSL connections')
  })

  test('speaks TLS as sslmode says, and a bad certificate fails', async () => {
    const authority = trusted()
    const good = await tlsFront(authority.issue(40), database.port, 'asked')
    const expired = await tlsFront(authority.issue(-3), database.port, 'asked')
    const asked = async ({ port }: Listener, sslmode: string) => {
      const url = database.url.replace(`:${database.port}`, `:${port}`)
      return (await ask(`${url}?sslmode=${sslmode}`)).message
    }
    expect(await asked(good, 'verify-full')).toBe('1 row(s)')
    expect(await asked(expired, 'verify-full')).toBe('the certificate has expired')
    expect(await asked(expired, 'verify-ca')).toBe('the certificate has expired')
    expect(await asked(expired, 'require')).toBe('1 row(s)')
    await good.close()
    await expired.close()
  })

  test('a URL that is none is not asked, and not told', async () => {
    for (const url of ['not a url', 'mysql://ada:hunter22@db/x', 'postgres://ada:hunt%er22@db/x']) {
      const { ran, message } = await ask(url)
      expect({ ran, message }).toEqual({
        ran: false,
        message:
          'the URL in DATABASE_URL is not usable: expected postgres://user:password@host:5432/database, with %40 for @ and %2F for / in the password',
      })
    }
    const other = await ask('postgres://ada:hunter22@127.0.0.1/x?host=10.0.0.9,10.0.0.8')
    expect(other).toMatchObject({ ran: false, passed: false })
    expect(other.message).toMatch(/^the URL has \?host=, which is not read: expected postgres:/)
    const mode = await ask('postgres://ada:hunter22@db/x?sslmode=maybe')
    expect(mode.message).toBe(
      'sslmode must be one of disable, require, verify-ca, verify-full, got maybe',
    )
  })

  test('addresses of clouds and of neighbours are refused before anything is sent', async () => {
    const { ran, message } = await ask('postgres://ada:hunter22@169.254.169.254/x')
    expect(ran).toBe(false)
    expect(message).toContain('169.254.169.254 is an address of a cloud metadata service')
  })

  test('through the runner no part of a result has the URL or the password', async () => {
    const [right] = await smoke(database.url)
    expect(right).toMatchObject({
      passed: true,
      kind: 'postgres',
      request: 'ask {{env.DATABASE_URL}}: select 1, and a round trip',
    })
    const wrong = await smoke(database.url.replace(database.password, 'wr0ng-s3cret'))
    expect(wrong).toMatchObject([{ ran: true, passed: false }])
    expect(JSON.stringify([right, wrong])).not.toMatch(/s3cret|pg-secret|127.0.0.1:\d{3,}/)
  })

  test.for([
    ['select 5', { ran: true, passed: true, message: 'alive' }],
    [
      'select 300',
      { ran: true, passed: false, message: 'last sign of life 300 s ago, more than 60 s' },
    ],
    ['select extract(epoch from now() - max(born)) from patients', { ran: true, passed: false }],
    [
      'select max(id) from patients where false',
      { ran: true, passed: false, message: 'there never was a sign of life' },
    ],
    [
      `select 'soon'`,
      {
        ran: false,
        passed: false,
        message: 'unknown: the query did not answer with an age in seconds',
      },
    ],
    [
      `select now() - now() < interval '-1 second'`,
      {
        ran: false,
        passed: false,
        message: 'unknown: the query did not answer with an age in seconds',
      },
    ],
    [
      'select seen from workers',
      {
        ran: false,
        passed: false,
        message: 'unknown: the database answered: relation "workers" does not exist (42P01)',
      },
    ],
  ] as const)('a worker whose age is: %s', async ([query, expected]) => {
    const source = { from: 'postgres', url: '{{env.DATABASE_URL}}', query } as const
    expect(await askWorker(source, { DATABASE_URL: database.url })).toMatchObject(expected)
  })

  test('a worker whose database is not there is unknown', async () => {
    const url = `postgres://clinic:secret@127.0.0.1:${await closedPort()}/clinic`
    const source = { from: 'postgres', url: '{{env.DATABASE_URL}}', query: 'select 1' } as const
    expect(await askWorker(source, { DATABASE_URL: url })).toMatchObject({
      ran: false,
      passed: false,
      message: 'unknown: connection refused',
    })
  })

  // The last one: it ends the server.
  test('a server that is killed in the middle of a query fails it', async () => {
    const asking = ask(database.url, { query: 'select pg_sleep(30)' })
    await sleeping()
    await database.kill()
    const { passed, message } = await asking
    expect(passed).toBe(false)
    expect(message).toMatch(/terminating connection|the connection was closed before/)
    expect((await ask(database.url)).message).toBe('connection refused')
  })

  async function sleeping() {
    await until('the query to run', async () => {
      const running = await admin(
        `select 1 from pg_stat_activity where query like '%pg_sleep(30)%' and state = 'active' and pid <> pg_backend_pid()`,
      )
      return running.length > 0
    })
  }
})
