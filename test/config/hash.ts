import { createHash } from 'node:crypto'

/** The first 8 hex digits, as in the name of a state directory. */
export function sha256Prefix(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
