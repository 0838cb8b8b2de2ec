import type { Json } from './canonical.ts'
import { createFinder, type Find, type Stretch } from './find-secrets.ts'

/** What stands where a secret was, so that a reader sees that something was taken out. */
const redacted = '[redacted]'

type Replace = (match: string) => string

const all: Replace = () => redacted

// None looks at a character more than a few times, so that hostile text cannot stall an append. The
// first of each three has to be in the text for the shape to be worth looking for.
const shapes: readonly [string, RegExp, Replace][] = [
  [
    '-----BEGIN ',
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z0-9 ]{0,40}-----|$)/g,
    all,
  ],
  ['_', /gh[pousr]_[\w.-]{16,}/g, all],
  ['github_pat_', /github_pat_\w{20,}/g, all],
  ['gng_', /gng_[0-9A-Za-z]{20,}/g, all],
  ['code_', /code_[0-9a-f]{48}/g, all],
  ['AKIA', /AKIA[0-9A-Z]{16}/g, all],
  ['eyJ', /[\w.-]+/g, withoutJwt],
  ['://', /:\/\/[^\s/?#]+@/g, () => `://${redacted}@`],
]

/** A word with dots in it. An expression for the token itself would look at long ones again and again. */
function withoutJwt(word: string): string {
  const at = word.search(/eyJ[\w-]{5}/)
  const dot = at < 0 ? -1 : word.indexOf('.', at)
  return dot < 0 || !word.includes('.', dot + 1) ? word : `${word.slice(0, at)}${redacted}`
}

/** Takes secrets out of every string of a value. */
export type Redactor = <T>(value: T) => T

/**
 * Takes exact secret values out, also encoded, wrapped, or spread over neighbouring strings, and the
 * shapes of common ones. Works out the forms of the secrets once.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const find = createFinder(secrets)
  return (value) => {
    const found = stringsOf(value)
    const texts = cleaned(found.texts, find)
    const keys = cleaned(found.keys, find)
    if (texts === found.texts && keys === found.keys) return value
    const next = { texts: texts[Symbol.iterator](), keys: keys[Symbol.iterator]() }
    return rebuilt(value, next) as typeof value
  }
}

/** The same over a list that grows: its forms are worked out again when it did. */
export function createLiveRedactor(secrets: () => readonly string[]): Redactor {
  let known = { count: -1, clean: createRedactor([]) }
  return (value) => {
    const held = secrets()
    if (held.length !== known.count) known = { count: held.length, clean: createRedactor(held) }
    return known.clean(value)
  }
}

/** The same for once. */
export function redact<T>(value: T, secrets: readonly string[]): T {
  return createRedactor(secrets)(value)
}

interface Strings {
  texts: string[]
  keys: string[]
}

/** Every string of a value, and every name of a field, in the order in which `rebuilt` asks for them. */
function stringsOf(value: unknown, into: Strings = { texts: [], keys: [] }): Strings {
  if (typeof value === 'string') into.texts.push(value)
  else if (Array.isArray(value)) for (const item of value) stringsOf(item, into)
  else if (value !== null && typeof value === 'object') {
    for (const [key, member] of Object.entries(value)) {
      into.keys.push(key)
      stringsOf(member, into)
    }
  }
  return into
}

function rebuilt(
  value: unknown,
  next: { texts: ArrayIterator<string>; keys: ArrayIterator<string> },
): unknown {
  if (typeof value === 'string') return next.texts.next().value
  if (Array.isArray(value)) return value.map((item) => (rebuilt(item, next) ?? null) as Json)
  if (value === null || typeof value !== 'object') return value
  const members = Object.values(value).map((member: unknown) => {
    const key = next.keys.next().value
    return [key, rebuilt(member, next)] as const
  })
  return Object.fromEntries(members)
}

/** The same array when there was nothing to take out. */
function cleaned(texts: string[], find: Find): string[] {
  const whole = texts.join('')
  const exact = withoutSecrets(texts, whole, find)
  const looked = shapes.filter(([sign]) => whole.includes(sign))
  if (looked.length === 0) return exact
  const shaped = exact.map((text) =>
    looked.reduce((rest, [, shape, replace]) => rest.replace(shape, replace), text),
  )
  return shaped.every((text, index) => text === exact[index]) ? exact : shaped
}

function withoutSecrets(texts: string[], whole: string, find: Find): string[] {
  const starts = startsOf(texts)
  const stretches = find(whole, starts)
  if (stretches.length === 0) return texts
  return cutOut(texts, starts, mergedStretches(stretches))
}

/** Where each string begins in the whole. */
function startsOf(texts: readonly string[]): number[] {
  let at = 0
  return texts.map(({ length }) => (at += length) - length)
}

/** In order; those that overlap as one. */
function mergedStretches(stretches: readonly Stretch[]): Stretch[] {
  const merged: Stretch[] = []
  for (const { start, end } of stretches.toSorted((left, right) => left.start - right.start)) {
    const last = merged.at(-1)
    if (last && start < last.end) last.end = Math.max(last.end, end)
    else merged.push({ start, end })
  }
  return merged
}

/** Goes through both lists once: there may be many of either. */
function cutOut(
  texts: readonly string[],
  starts: readonly number[],
  stretches: readonly Stretch[],
): string[] {
  let next = 0
  return texts.map((text, index) => {
    const offset = starts[index]!
    const pieces: string[] = []
    let kept = 0
    for (; next < stretches.length; next++) {
      const { start, end } = stretches[next]!
      const [from, to] = [Math.max(start - offset, 0), Math.min(end - offset, text.length)]
      if (from < to) pieces.push(text.slice(kept, from), redacted)
      if (from < to) kept = to
      // It goes on in the next string, or is in a later one.
      if (end > offset + text.length) break
    }
    return [...pieces, text.slice(kept)].join('')
  })
}
