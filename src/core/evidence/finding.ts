import type { Crypto } from '../crypto.ts'

/** `claimed`: nothing contradicts it, and what would prove it has to come from somewhere else. */
export interface EvidenceFinding {
  state: 'proven' | 'claimed' | 'contradicted'
  what: 'form' | 'plan' | 'request' | 'decision' | 'gates' | 'log' | 'lines'
  text: string
}

export function contradicted(what: EvidenceFinding['what'], text: string): EvidenceFinding {
  return { state: 'contradicted', what, text }
}

/** Lower-case hex SHA-256 of a text. */
export function hexHash(crypto: Crypto, text: string): string {
  const bytes = crypto.sha256(crypto.utf8(text))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The fields of a JSON object; none of anything else. */
export function fieldsOf(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Which of these fields is not what it has to be. */
export function contradictionsIn(
  place: string,
  fields: Readonly<Record<string, unknown>>,
  wanted: readonly (readonly [name: string, value: unknown])[],
): string[] {
  return wanted
    .filter(([name, value]) => fields[name] !== value)
    .map(([name, value]) => `${place} says ${name} ${word(fields[name])}, not ${word(value)}`)
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
}
