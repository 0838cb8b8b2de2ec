import type { Json } from './canonical.ts'

/** What stands where a secret was, so that a reader sees that something was taken out. */
const redacted = '[redacted]'

// Shorter values are words of everyday text; taking them out would hide the log, not the secret.
const shortestSecret = 6

// Every repetition is bounded or ends at a literal, so that hostile text cannot stall an append.
const shapes: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z0-9 ]{0,40}-----|$)/g, redacted],
  [/gh[pousr]_[\w.-]{16,}/g, redacted],
  [/github_pat_\w{20,}/g, redacted],
  [/AKIA[0-9A-Z]{16}/g, redacted],
  [/eyJ[\w-]{5,1500}(?:\.[\w-]*){2,4}/g, redacted],
  [/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#]+@/gi, `$1${redacted}@`],
]

/** Takes exact secret values and the shapes of known ones out of every string of `value`. */
export function redact<T>(value: T, secrets: readonly string[]): T {
  // Longest first: a secret that contains another one must not leave its rest behind.
  const exact = secrets
    .filter((secret) => secret.length >= shortestSecret)
    .toSorted((left, right) => right.length - left.length)
  const clean = (text: string) =>
    shapes.reduce(
      (rest, [shape, substitute]) => rest.replace(shape, substitute),
      exact.reduce((rest, secret) => rest.replaceAll(secret, redacted), text),
    )
  return mapStrings(value as Json, clean) as T
}

function mapStrings(value: Json | undefined, clean: (text: string) => string): Json | undefined {
  if (typeof value === 'string') return clean(value)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item: Json) => mapStrings(item, clean) ?? null)
  const members = Object.entries(value).map(([key, member]) => [
    clean(key),
    mapStrings(member, clean),
  ])
  return Object.fromEntries(members) as Json
}
