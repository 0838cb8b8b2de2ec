import { canonicalJson, type Json } from '../core/canonical.ts'
import { Failure } from '../core/failure.ts'
import { trustNamespace } from '../core/policy-trust.ts'
import type { Call } from '../ports/context.ts'
import { verifiedStatement } from '../tools/support/signed-statement.ts'

/**
 * Signs what an approver says about the project. Verified before it is stored: a word that nobody could use
 * later would only look like one.
 */
export async function signAbout(
  call: Call,
  about: { [key: string]: Json } & { format: string },
  keyFile: string,
): Promise<{ statement: string; signature: string }> {
  const statement = canonicalJson(about)
  const signature = await call.signer.sign(statement, keyFile, trustNamespace)
  const verdict = await verifiedStatement(call, statement, signature)
  if (!('problem' in verdict)) return { statement, signature }
  throw new Failure({
    code: 'invalid_approval',
    message: `the new signature does not count: ${verdict.problem}`,
    hint: `the approver's line must name the namespace ${trustNamespace}: look with gonogo approver list and gonogo doctor`,
  })
}
