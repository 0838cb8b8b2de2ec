import type { Call } from '../../ports/context.ts'
import type { Approver } from '../../ports/signer.ts'

/** An approver, and whether a key agent would sign for them unasked. */
export interface ApproverKey {
  approver: Approver
  held: boolean
}

/** Every approver of the signers file, with what the agent says now. */
export async function keysOf(call: Call): Promise<ApproverKey[]> {
  const approvers = await call.approvers.list()
  return await Promise.all(
    approvers.map(async (approver) => ({
      approver,
      held: await call.signer.heldByAgent(approver.fingerprint),
    })),
  )
}
