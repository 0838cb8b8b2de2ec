import type { Approval, Decision } from '../core/approval.ts'
import { oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import { closeThread } from '../tools/support/attest.ts'
import { announceDecision } from '../tools/support/notify.ts'
import { approverOf } from './approve.ts'
import { audited } from './audited.ts'
import { changedMeanwhile, decisionAct, openRequest } from './decide.ts'
import {
  signStatement,
  statementOf,
  unsignedDecision,
  verifiedDecision,
  type Word,
} from './sign-decision.ts'

/** A key to say no with. */
export interface RejectKey {
  file: string
  /** True when it was asked for by name: then nothing is done without it. */
  wanted: boolean
}

export interface Rejected {
  approval_id: string
  state: 'rejected'
  by: string
  /** Whether an approver's key signed it. */
  signed: boolean
}

/** Turns a request down for good. Signed where a key is at hand; saying no can do no harm without one. */
export async function rejectRequest(
  call: Call,
  id: string,
  reason: string | null,
  key: RejectKey | null = null,
): Promise<Rejected> {
  const approval = await openRequest(call, id)
  const word = { verdict: 'rejected', reason, code_sha256: null } as const
  const act = decisionAct(approval, 'reject', { reason: reason && oneLine(reason, 300) })
  const rejected = await audited(
    call,
    act,
    async () => {
      const decision = await decisionBy(call, approval, word, key)
      const moved = await call.store.write(async (tables) => {
        if (!(await tables.approvals.move(id, 'open', 'rejected'))) return false
        await tables.approvals.decide(decision)
        await announceDecision(call, tables, approval, decision)
        return true
      })
      if (!moved) throw changedMeanwhile(id)
      const { person, method } = decision
      const signed = method === 'ssh_signature'
      return { approval_id: id, state: 'rejected' as const, by: person, signed }
    },
    ({ by, signed }) => ({ by, signed }),
  )
  await closeThread(call, approval, `rejected by ${rejected.by}`)
  return rejected
}

async function decisionBy(
  call: Call,
  approval: Approval,
  word: Word,
  key: RejectKey | null,
): Promise<Decision> {
  if (key === null) return unsignedDecision(call, approval, word)
  try {
    await approverOf(call, await call.signer.inspect(key.file))
    const statement = statementOf(call.runtime.now(), approval.request, word)
    const signed = await signStatement(call, statement, key.file)
    return await verifiedDecision(call, approval, statement, signed)
  } catch (error) {
    if (key.wanted) throw error
    return unsignedDecision(call, approval, word)
  }
}
