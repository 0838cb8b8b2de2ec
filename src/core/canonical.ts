/** Data that survives JSON unchanged. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

/**
 * Canonical JSON (RFC 8785): keys sorted by UTF-16 code units, no white space, numbers and strings
 * as ECMAScript writes them. What is hashed or signed is always these bytes.
 * Properties that are `undefined` are left out; anything else that JSON cannot hold throws.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') {
    return JSON.stringify(value)
  }
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  // A date or a map would be written as an empty object, whatever is in it.
  const kind = Object.prototype.toString.call(value).slice(8, -1)
  if (kind !== 'Object') throw new TypeError(`canonical JSON cannot hold ${kind}`)
  let members = ''
  // Sorting compares code units unless it is told otherwise.
  for (const key of Object.keys(value as object).toSorted()) {
    const member = (value as Record<string, unknown>)[key]
    if (member === undefined) continue
    members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`
  }
  return `{${members}}`
}

/** A structural copy as `Json`: drops what JSON cannot carry (functions, undefined). */
export function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null)) as Json
}
