import { createHash } from 'node:crypto'

/** The first hex digits: 8 in the name of a state directory, 12 where a token is named. */
export function sha256Prefix(text: string, digits = 8): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits)
}
