import type { AdminToken } from './admin-token.ts'
import { createLiveRedactor, type Redactor } from './redact.ts'
import { createTokenSearch } from './token-search.ts'

/** Secrets to look for. `all` may grow. */
export interface Held {
  all: readonly string[]
  admin_tokens: readonly AdminToken[]
  /** Approval tokens that are known as they are. */
  plain_tokens: readonly string[]
}

/** What looks for secrets, for those that must not be handed any. */
export function holdSecrets(
  { all, admin_tokens, plain_tokens }: Held,
  sha256: (text: string) => string,
): { redact: Redactor; tokensIn: (text: string) => string[] } {
  return {
    redact: createLiveRedactor(() => all),
    tokensIn: createTokenSearch({ adminTokens: admin_tokens, plain: plain_tokens, sha256 }),
  }
}
