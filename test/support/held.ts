import { createHash } from 'node:crypto'
import type { AdminToken } from '../../src/core/admin-token.ts'
import { holdSecrets } from '../../src/core/held-secrets.ts'
import type { HeldSecrets } from '../../src/ports/held-secrets.ts'

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** A static token as the configuration would hold it. */
export function adminToken(token: string, changes: Partial<AdminToken> = {}): AdminToken {
  const hash = sha256(token)
  const label = `sha256:${hash.slice(0, 12)}`
  return { label, sha256: hash, expires_at: null, weakness: null, ...changes }
}

/** What a process holds; `plain` are tokens that it knows as they are. */
export function holding(
  adminTokens: readonly AdminToken[] = [],
  { plain = [], secrets = plain }: { plain?: readonly string[]; secrets?: readonly string[] } = {},
): HeldSecrets {
  return holdSecrets({ all: secrets, admin_tokens: adminTokens, plain_tokens: plain }, sha256)
}
