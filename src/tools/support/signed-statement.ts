import { meetsLevel, type AssuranceLevel } from '../../core/approval.ts'
import { trustLevel, trustNamespace } from '../../core/policy-trust.ts'
import type { Context } from '../../ports/context.ts'
import { reachedLevel } from './level.ts'

/**
 * Whether an approver of now signed these bytes, at the level the policy wants of those who decide about
 * it. For statements about the project itself; their formats tell them apart.
 */
export async function verifiedStatement(
  context: Context,
  statement: string,
  signature: string,
): Promise<{ approver: string; level: AssuranceLevel } | { problem: string }> {
  const verdict = await context.signer.verify(statement, signature, trustNamespace)
  if (!verdict.valid) return { problem: `its signature: ${verdict.problem}` }
  const { name } = verdict.approver
  const level = await reachedLevel(context, verdict.approver, verdict.user_present)
  const { least, environment } = trustLevel(context.project)
  if (meetsLevel(level, least)) return { approver: name, level }
  return {
    problem: `the signature of ${name} reaches ${level} here, and ${environment} wants ${least}`,
  }
}
