import { parse, TomlError } from 'smol-toml'
import type { Entry } from './entry.ts'
import { unreadable, type Format } from './format.ts'

/** TOML. No library edits it in place, so only the lines of our own table are written. */
export const tomlFormat: Format = {
  parse(file, text) {
    try {
      return parse(text, { integersAsBigInt: 'asNeeded' })
    } catch (error) {
      if (!(error instanceof TomlError)) throw error
      throw unreadable(file, error.line, error.message.split('\n')[0]!)
    }
  },

  put(text, { table, name, before, after }) {
    const eol = text.includes('\r\n') ? '\r\n' : '\n'
    const header = `[${table}.${name}]`
    const lines = pairs(after).map((pair) => pair + eol)
    if (before === null) return appended(text, [header + eol, ...lines].join(''), eol)
    const written: string[] = []
    for (const statement of statements(text)) {
      const place = placeOf(statement, table, name)
      if (place === 'header') written.push(statement.text, ...lines)
      else if (place !== 'ours') written.push(statement.text)
    }
    return written.join('')
  },

  drop(text, { table, name }) {
    const all = statements(text)
    const ours = all.map((one) => one.table[0] === table && one.table[1] === name)
    const kept: Statement[] = []
    for (const [index, statement] of all.entries()) {
      const last = lastOfTable(all, index)
      if (!ours[index] || index > last) kept.push(statement)
      else if (startsTable(statement) && kept.at(-1)?.text.trim() === '') kept.pop()
    }
    const rest = kept.map((statement) => statement.text).join('')
    return text.endsWith('\n') ? rest : rest.replace(/\r?\n$/, '')
  },

  render: (entry) => pairs(entry).join('\n'),

  snippet: (table, name, entry) => [`[${table}.${name}]`, ...pairs(entry)].join('\n'),
}

const managed = ['command', 'args', 'env', 'env_vars']

/** Where the new lines go, which old ones they replace, and what is not ours to change. */
function placeOf(statement: Statement, table: string, name: string): 'header' | 'ours' | 'other' {
  const [first, second, third] = statement.table
  if (first !== table || second !== name || statement.filler) return 'other'
  if (statement.table.length === 2) {
    if (startsTable(statement)) return 'header'
    return isManaged(statement.key) ? 'ours' : 'other'
  }
  // The variables stand in the table itself from now on.
  return third === 'env' && statement.table.length === 3 ? 'ours' : 'other'
}

function isManaged(key: string | null): boolean {
  return key !== null && managed.includes(key)
}

/** What is ours of an entry; a string of JSON is a string of TOML. */
function pairs(entry: Entry): string[] {
  return managed.flatMap((key) => {
    const value = entry[key]
    if (value === undefined) return []
    if (key !== 'env') return [`${key} = ${valueText(value)}`]
    const variables = Object.entries(value as Entry).map(
      ([name, text]) => `${keyText(name)} = ${valueText(text)}`,
    )
    return [`env = { ${variables.join(', ')} }`]
  })
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
  return JSON.stringify(value)
}

function keyText(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key)
}

function appended(text: string, block: string, eol: string): string {
  if (text === '') return block
  if (text.endsWith('\n')) return text + eol + block
  // Ends as it ended before.
  return text + eol + eol + block.slice(0, -eol.length)
}

/** A header, a key with its value, or a line of neither. */
interface Statement {
  text: string
  /** The table it stands in; of a header, the table it opens. */
  table: readonly string[]
  /** The first part of the key; null for headers and fillers. */
  key: string | null
  /** A comment or an empty line. */
  filler: boolean
}

/** Values may span lines: a statement is as many lines as it takes to be valid TOML. */
function statements(text: string): Statement[] {
  const found: Statement[] = []
  let table: readonly string[] = []
  const lines = text.split(/(?<=\n)/)
  for (let from = 0; from < lines.length;) {
    const { text: statement, data, lines: count } = statementAt(lines, from)
    const [key = null] = Object.keys(data)
    const isHeader = statement.trimStart().startsWith('[')
    if (isHeader) table = headerPath(data)
    found.push({ text: statement, table, key: isHeader ? null : key, filler: key === null })
    from += count
  }
  return found
}

function statementAt(lines: readonly string[], from: number) {
  for (let count = 1; ; count++) {
    const text = lines.slice(from, from + count).join('')
    try {
      return { text, data: parse(text, { integersAsBigInt: 'asNeeded' }), lines: count }
    } catch (error) {
      if (from + count >= lines.length) throw error
    }
  }
}

/** `[a.b]` alone is the data `{ a: { b: {} } }`, and `[[a.b]]` has a list at its end. */
function headerPath(data: object): string[] {
  const [entry] = Object.entries(data)
  if (!entry) return []
  const [key, inner] = entry as [string, object]
  return Array.isArray(inner) ? [key] : [key, ...headerPath(inner)]
}

function startsTable({ key, filler }: Statement): boolean {
  return key === null && !filler
}

/** The last statement of the table around `index` that is more than an empty line or a comment. */
function lastOfTable(all: readonly Statement[], index: number): number {
  let last = index
  for (let at = index; at < all.length; at++) {
    const statement = all[at]!
    if (at > index && startsTable(statement)) break
    if (!statement.filler) last = at
  }
  return all[index]!.filler && last === index ? index - 1 : last
}
