import { isDeepStrictEqual } from 'node:util'
import { diffLines } from 'diff'
import { Failure } from '../../core/failure.ts'
import { sanitize } from '../../core/text.ts'
import type { Client } from './clients.ts'
import { merged, type Entry, type Wanted } from './entry.ts'
import type { Format } from './format.ts'
import { jsonFormat } from './json.ts'
import { settingNames, startsGonogo } from './server.ts'
import { tomlFormat } from './toml.ts'

export type State = 'added' | 'updated' | 'already_there' | 'removed' | 'not_there'

/** What an installation would do to a file, or its removal. */
export interface Change {
  state: State
  /** The whole file afterwards; null when there is nothing to write. */
  text: string | null
  /** Our entry before and after, line by line: `+ …` and `- …`. Nothing else of the file. */
  difference: string[]
}

/** A client's file as it is now; null when there is none. */
export interface Present {
  file: string
  text: string | null
}

const byteOrderMark = '\ufeff'
const formats: Record<Client['format'], Format> = { json: jsonFormat, toml: tomlFormat }

/** Puts the server into the file, or brings an entry of gonogo's up to date. */
export function planInstall(client: Client, present: Present, name: string, wanted: Wanted) {
  return edited(client, present, name, (document): Change => {
    const { format, data, before, body } = document
    refuseForeign(client, present.file, name, before)
    const after = merged(before, wanted.entry)
    const inputs = missingInputs(data, wanted)
    if (isDeepStrictEqual(before, after) && inputs.length === 0) return nothing('already_there')
    const { table } = client
    const text = format.put(body, { table, name, before, after, inputs })
    const expected = copyOf(data)
    expected[table] = { ...asTable(expected[table]), [name]: after }
    if (inputs.length > 0) expected.inputs = [...asList(expected.inputs), ...inputs]
    const state = before === null ? 'added' : 'updated'
    return {
      state,
      text: proven(client, present, text, expected),
      difference: difference(format, before, after),
    }
  })
}

/** Takes out our entry, and the questions that only it asked. */
export function planUninstall(client: Client, present: Present, name: string): Change {
  return edited(client, present, name, ({ format, data, before, body }): Change => {
    if (before === null) return nothing('not_there')
    refuseForeign(client, present.file, name, before)
    const { table } = client
    const expected = copyOf(data)
    delete asTable(expected[table])[name]
    const inputs = ownInputs(before, name, expected)
    if (inputs.length > 0)
      expected.inputs = asList(expected.inputs).filter((input) => !inputs.includes(idOf(input)))
    const text = format.drop(body, { table, name, inputs })
    return {
      state: 'removed',
      text: proven(client, present, text, expected),
      difference: difference(format, before, null),
    }
  })
}

/** What somebody would paste by hand. */
export function snippetOf(client: Client, name: string, { entry, inputs }: Wanted): string {
  return formats[client.format].snippet(client.table, name, entry, inputs)
}

interface Document {
  format: Format
  data: Record<string, unknown>
  before: Entry | null
  /** The text without its byte order mark. */
  body: string
}

function edited(
  client: Client,
  { file, text }: Present,
  name: string,
  change: (document: Document) => Change,
): Change {
  const format = formats[client.format]
  const marked = text?.startsWith(byteOrderMark) === true
  const body = (text ?? '').slice(marked ? 1 : 0)
  const data = copyOf(format.parse(file, body))
  const table = isTable(data) ? (data[client.table] ?? {}) : null
  if (!isTable(data) || !isTable(table)) {
    throw cannotEdit(
      client,
      file,
      `${isTable(data) ? client.table : 'the file'} holds no settings by name`,
    )
  }
  const before = ((Object.hasOwn(table, name) && table[name]) || null) as Entry | null
  const result = change({ format, data, before, body })
  return {
    ...result,
    text: result.text === null ? null : (marked ? byteOrderMark : '') + result.text,
  }
}

/** Nothing is written whose data differ from the old ones in anything but our entry. */
function proven(
  client: Client,
  { file }: Present,
  text: string,
  expected: Record<string, unknown>,
) {
  const keys = [client.table, 'inputs']
  const found = parsedAgain(client, file, text)
  if (found && isDeepStrictEqual(withoutEmpty(found, keys), withoutEmpty(expected, keys)))
    return text
  throw cannotEdit(client, file, 'the servers are written in a shape that gonogo does not edit')
}

function parsedAgain(client: Client, file: string, text: string): Record<string, unknown> | null {
  try {
    return copyOf(formats[client.format].parse(file, text) as Record<string, unknown>)
  } catch {
    return null
  }
}

function withoutEmpty(data: Record<string, unknown>, keys: readonly string[]) {
  const copy = { ...data }
  for (const key of keys) {
    const value = copy[key]
    if (value && typeof value === 'object' && Object.keys(value).length === 0) delete copy[key]
  }
  return copy
}

/** Plain objects: parsers differ in the prototypes they give. Dates of TOML stay what they are. */
function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T
  if (!isTable(value) || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)])) as T
}

function refuseForeign(client: Client, file: string, name: string, before: Entry | null): void {
  if (before === null || startsGonogo(before)) return
  throw new Failure({
    code: 'invalid_input',
    message: `${file} has a server ${name} that does not start gonogo; it is left as it is`,
    hint: `choose another name: gonogo install --client ${client.id} --name gonogo-deploy`,
    details: { file, name },
  })
}

function cannotEdit(client: Client, file: string, problem: string): Failure {
  return new Failure({
    code: 'invalid_configuration',
    message: `${file}: ${problem}; the file is left as it is`,
    hint: `change it by hand; this prints what belongs there: gonogo install --client ${client.id} --print`,
    details: { file },
  })
}

function missingInputs(data: Record<string, unknown>, { inputs }: Wanted) {
  const present = new Set(asList(data.inputs).map(idOf))
  return inputs.filter(({ id }) => !present.has(id))
}

/** Ids of inputs that gonogo made for this entry and nothing else refers to. */
function ownInputs(entry: Entry, name: string, rest: Record<string, unknown>): string[] {
  const others = JSON.stringify({ ...rest, inputs: undefined })
  return Object.values(asTable(entry.env)).flatMap((value) => {
    const id = /^\$\{input:(.+)\}$/.exec(String(value))?.[1]
    const ours = id?.startsWith(`${name}-`) && !others.includes(`\${input:${id}}`)
    return id !== undefined && ours ? [id] : []
  })
}

function nothing(state: State): Change {
  return { state, text: null, difference: [] }
}

function difference(format: Format, before: Entry | null, after: Entry | null): string[] {
  const lines = (entry: Entry | null) => (entry === null ? '' : `${format.render(shown(entry))}\n`)
  return diffLines(lines(before), lines(after)).flatMap(({ added, removed, value }) => {
    if (!added && !removed) return []
    const sign = added ? '+' : '-'
    return value
      .split('\n')
      .slice(0, -1)
      .map((line) => `${sign} ${sanitize(line)}`)
  })
}

/** What somebody added to our entry may be a secret. */
function shown(entry: Entry): Entry {
  const env = Object.entries(asTable(entry.env)).map(([name, value]) => {
    const ours = [...settingNames, 'PATH'].includes(name) || String(value).startsWith('${')
    return [name, ours ? value : '(kept)']
  })
  const { type, command, args, env_vars } = entry
  return JSON.parse(
    JSON.stringify({
      type,
      command,
      args,
      ...(entry.env !== undefined && { env: Object.fromEntries(env) }),
      env_vars,
    }),
  )
}

function isTable(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function asTable(value: unknown): Record<string, unknown> {
  return isTable(value) ? value : {}
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function idOf(input: unknown): string {
  return String(asTable(input).id)
}
