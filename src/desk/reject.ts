import { oneLine } from '../core/text.ts'
import { principalLabel } from '../core/principal.ts'
import type { Call } from '../ports/context.ts'
import { audited } from './audited.ts'
import { changedMeanwhile, decisionAct, openRequest } from './decide.ts'

/** Turns a request down for good. It takes no key: saying no can do no harm. */
export async function rejectRequest(
  call: Call,
  id: string,
  reason: string | null,
): Promise<{ approval_id: string; state: 'rejected' }> {
  const approval = await openRequest(call, id)
  const approver = principalLabel(call.principal)
  const change = {
    approver,
    decided_at: call.runtime.now(),
    reason: reason && oneLine(reason, 300),
  }
  const act = decisionAct(approval, 'reject', { reason: change.reason })
  return await audited(call, act, async () => {
    const moved = await call.store.write((tables) =>
      tables.approvals.move(id, 'open', 'rejected', change),
    )
    if (!moved) throw changedMeanwhile(id)
    return { approval_id: id, state: 'rejected' }
  })
}
