import { createHmac } from 'node:crypto'

const prefix = 'whsec_'

/** What a message is signed over, and with. */
export interface Signed {
  id: string
  /** Seconds since the epoch. */
  at: number
  body: string
}

/** The headers of a signed message, by the scheme of Standard Webhooks. */
export function signatureHeaders(signed: Signed, secret: string | null): Record<string, string> {
  const { id, at } = signed
  const named = { 'webhook-id': id, 'webhook-timestamp': String(at) }
  return secret === null ? named : { ...named, 'webhook-signature': signature(signed, secret) }
}

function signature({ id, at, body }: Signed, secret: string): string {
  const code = createHmac('sha256', keyOf(secret)).update(`${id}.${at}.${body}`)
  return `v1,${code.digest('base64')}`
}

/** Fewer could be guessed. */
const leastBytes = 16

/** Why nothing is signed with this secret; null: it can be. */
export function weakness(secret: string): string | null {
  const { length } = keyOf(secret)
  return length >= leastBytes ? null : `is shorter than ${leastBytes} bytes`
}

/** `whsec_` and base64 stand for the bytes; any other secret for itself. */
function keyOf(secret: string): Buffer {
  return secret.startsWith(prefix)
    ? Buffer.from(secret.slice(prefix.length), 'base64')
    : Buffer.from(secret, 'utf8')
}
