import type { Approval } from '../../core/approval.ts'
import { readStatement } from '../../core/consent.ts'
import type { Call } from '../../ports/context.ts'
import type { Tables } from '../../ports/store.ts'

/** The request that a token stands for. */
export interface FoundRequest {
  approval: Approval
  /** Hash of the one-time code that was handed in; null when it was the id. */
  code_sha256: string | null
}

/** The request of an id, or of a one-time code. Proves nothing. */
export async function requestOf(
  { runtime }: Pick<Call, 'runtime'>,
  tables: Tables,
  token: string,
): Promise<FoundRequest | null> {
  const approval = await tables.approvals.get(token)
  if (approval) return { approval, code_sha256: null }
  const code_sha256 = runtime.sha256(token)
  const coded = token.startsWith('code_') ? await tables.approvals.byCode(code_sha256) : null
  return coded && { approval: coded, code_sha256 }
}

/** Hash of the one-time code that an approval of it was given for; null where none was. */
export function codeOf({ decisions, request }: Approval): string | null {
  for (const decision of decisions) {
    const read = decision.verdict === 'approved' ? readStatement(decision, request) : null
    if (read !== null && 'statement' in read && read.statement.code_sha256 !== null)
      return read.statement.code_sha256
  }
  return null
}
