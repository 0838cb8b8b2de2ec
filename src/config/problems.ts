import { Failure } from '../core/failure.ts'
import { oneLine } from '../core/text.ts'

/** Keys and list positions from the top of the file down. */
export type Path = readonly PropertyKey[]

/** What is wrong at one place of the configuration. */
export interface Problem {
  path: Path
  /** Reads on after the key path: `is missing`. */
  message: string
}

/** `environments.staging.local.prepare[0].run` */
export function pathText(path: Path): string {
  const text = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${oneLine(String(key), 60)}`))
    .join('')
  return text.replace(/^\./, '')
}

/** `gonogo.yaml:12: environments.staging.urll is not a known key` */
export function problemLine(place: string, { path, message }: Problem): string {
  const subject = path.length === 0 ? 'the configuration' : pathText(path)
  return `${place}: ${subject} ${message}`
}

// Below these keys people put secrets although they should not.
const mayHoldSecrets = new Set<PropertyKey>(['env', 'headers', 'body', 'json', 'forbidden'])

/** Whether the value at this path must never be shown. */
export function mayHoldSecret(path: Path): boolean {
  // The name of an environment is the user's choice and says nothing about what is below it.
  const keys = path[0] === 'environments' ? path.slice(2) : path
  return keys.some((key) => mayHoldSecrets.has(key))
}

/** `, got 5`, or nothing where the value must not be shown. */
export function received(path: Path, value: unknown): string {
  if (value === undefined || mayHoldSecret(path)) return ''
  if (Array.isArray(value)) return ', got a list'
  if (value !== null && typeof value === 'object') return ', got a mapping'
  const text = JSON.stringify(value)
  return text.includes('@') && text.includes('://') ? '' : `, got ${oneLine(text, 80)}`
}

// More would bury the first ones, which are usually the cause.
const shown = 50

/** One failure for everything that is wrong, a problem per line. */
export function configurationFailure(lines: readonly string[], hint: string): Failure {
  const more = lines.length > shown ? [`and ${lines.length - shown} more`] : []
  return new Failure({
    code: 'invalid_configuration',
    message: [...lines.slice(0, shown), ...more].join('\n'),
    hint,
    details: { problems: lines.length },
  })
}
