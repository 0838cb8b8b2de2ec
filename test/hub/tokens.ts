import { randomBytes } from 'node:crypto'
import type { Caller } from './operation.ts'

/** Whose token is whose. Times are the hub's. */
export interface Tokens {
  issue(caller: Caller, options?: { prefix?: string; expiresAt?: number }): string
  revoke: (token: string) => void
  /** Null for a token nobody has, or no longer. */
  holder(token: string, now: number): Caller | null
}

export function createTokens(): Tokens {
  const tokens = new Map<string, { caller: Caller; expiresAt: number }>()
  return {
    issue(caller, { prefix = 'github_pat_', expiresAt = Infinity } = {}) {
      const token = prefix + randomBytes(20).toString('hex')
      tokens.set(token, { caller, expiresAt })
      return token
    },
    revoke: (token) => void tokens.delete(token),
    holder(token, now) {
      const found = tokens.get(token)
      return found !== undefined && found.expiresAt > now ? found.caller : null
    },
  }
}
