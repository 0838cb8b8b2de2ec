import { sanitize } from '../core/text.ts'
import { mayHoldSecret, type Path } from './problems.ts'

/** A value as it may be shown: itself without its secret parts, or only that it is there. */
export type Shown = { value: unknown } | { redacted: string }

/** What may be shown of an effective value. */
export function shownValue(path: Path, value: unknown): Shown {
  if (mayHoldSecret(path) && !isEmpty(value)) return { redacted: presence(value) }
  if (typeof value === 'string') return { value: withoutSecrets(value) }
  if (!Array.isArray(value)) return { value }
  return { value: value.map((item, index) => shownItem(item, value[index - 1])) }
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function presence(value: unknown): string {
  if (typeof value === 'string') return `(set, ${value.length} characters${inserted(value)})`
  return Array.isArray(value) ? `(set, ${value.length} value(s))` : '(set)'
}

/** The names a text inserts are no secrets, and tell where its secret comes from. */
function inserted(text: string): string {
  const names = text.match(/\{\{[^{}]{1,80}\}\}/g) ?? []
  return names.length === 0 ? '' : sanitize(`, inserts ${names.join(' ')}`)
}

// Far more than a sensible value has, and little enough for the patterns below.
const limit = 1_000

function withoutSecrets(text: string): string {
  return withoutQueryValues(withoutUsers(text))
}

function withoutUsers(text: string): string {
  const line = sanitize(text)
  const short = line.length > limit ? `${line.slice(0, limit)}…` : line
  return short.replace(/:\/\/[^\s/?#]+@/g, '://(set)@')
}

function withoutQueryValues(text: string): string {
  if (!/^\/|:\/\//.test(text)) return text
  return text.replace(/([?&#])([^&#\s]+)/g, (_, mark: string, pair: string) => {
    const equals = pair.indexOf('=') + 1
    const value = pair.slice(equals)
    const shown = /^(?:\{\{[^{}]*\}\})?$/.test(value) ? value : presence(value)
    return `${mark}${pair.slice(0, equals)}${shown}`
  })
}

const secretWord =
  /token|secret|passw|passphrase|pwd|credential|cookie|auth|[_-]pat(?![a-z])|api[_-]?key|access[_-]?key/i
// `TOKEN=…`, `"password": …`, and the `--token …` of a line for a shell.
const assignment = /(?<![\w.-])([\w.-]+)(["']?\s{0,3}[=:]\s{0,3}|\s+)(?=\S)/g
const known = /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|npm_|AKIA)[\w-]{10,}/g

/** An item of a command line: people put secrets there although they should not. */
function shownItem(item: unknown, before: unknown): unknown {
  if (typeof item !== 'string') return item
  if (typeof before === 'string' && isFlag(before) && !item.startsWith('-')) {
    return presence(item)
  }
  const user = /^(?:-u|--user)$/.test(String(before))
    ? /^[^:]+:(?!\d+$)/.exec(item)?.[0]
    : undefined
  if (user !== undefined) return sanitize(user) + presence(item.slice(user.length))
  const text = withoutUsers(item)
  // Where a quoted secret ends only a shell can tell: the rest goes, too.
  const end = secretStart(text)
  const head = withoutQueryValues(text.slice(0, end)).replace(known, presence)
  return end < text.length ? head + presence(text.slice(end)) : head
}

function isFlag(text: string): boolean {
  return /^--?[\w.-]+$/.test(text) && secretWord.test(text)
}

/** Where the first value of a telling name begins; the end when there is none. */
function secretStart(text: string): number {
  for (const { 0: match, 1: name = '', 2: mark = '', index } of text.matchAll(assignment)) {
    if (!secretWord.test(name)) continue
    if (/[=:]/.test(mark) || name.startsWith('-')) return index + match.length
  }
  return text.length
}
