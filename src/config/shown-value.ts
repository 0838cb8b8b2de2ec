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
  const line = sanitize(text)
  const short = line.length > limit ? `${line.slice(0, limit)}…` : line
  const url = short.replace(/:\/\/[^\s/@]+@/g, '://(set)@')
  return /^\/|:\/\//.test(url) ? withoutQueryValues(url) : url
}

function withoutQueryValues(text: string): string {
  return text.replace(/([?&#])([^&#\s]+)/g, (_, mark: string, pair: string) => {
    const equals = pair.indexOf('=') + 1
    const value = pair.slice(equals)
    const shown = /^(?:\{\{[^{}]*\}\})?$/.test(value) ? value : presence(value)
    return `${mark}${pair.slice(0, equals)}${shown}`
  })
}

const words = '(?:token|secret|passw|credential|auth|api[_-]?key|access[_-]?key)'
const assignment = new RegExp(
  `([\\w.-]{0,80}${words}[\\w.-]{0,80}\\s{0,3}[=:]\\s{0,3})((?:(?:bearer|basic)\\s{1,3})?[^\\s"'&;|]+)`,
  'gi',
)
const flag = new RegExp(`^--?[\\w-]{0,80}${words}[\\w-]{0,80}$`, 'i')

/** An item of a command line: people put secrets there although they should not. */
function shownItem(item: unknown, before: unknown): unknown {
  if (typeof item !== 'string') return item
  if (typeof before === 'string' && flag.test(before) && !item.startsWith('-')) {
    return presence(item)
  }
  return withoutSecrets(item).replace(
    assignment,
    (_, name: string, value: string) => `${name}${presence(value)}`,
  )
}
