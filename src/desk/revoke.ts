import { personOf } from '../core/approver-policy.ts'
import type { Approval } from '../core/approval.ts'
import { Failure } from '../core/failure.ts'
import { oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import { closeThread } from '../tools/support/attest.ts'
import { announceDecision } from '../tools/support/notify.ts'
import { approverOf } from './approve.ts'
import { audited } from './audited.ts'
import { changedMeanwhile, decisionAct, keyLabel, over, storedRequest } from './decide.ts'
import { signStatement, statementOf, verifiedDecision } from './sign-decision.ts'

export interface Revoked {
  approval_id: string
  state: 'revoked'
  by: string
}

/** Takes an approval back before it was used; signed by somebody who gave it. */
export async function revokeApproval(
  call: Call,
  id: string,
  reason: string | null,
  keyFile: string,
): Promise<Revoked> {
  const approval = await storedRequest(call, id)
  const { state, request } = approval
  if (state !== 'open' && state !== 'approved') throw over(approval, `is ${state}`, 'revoked')
  const approver = await approverOf(call, await call.signer.inspect(keyFile))
  const { name } = approver
  const person = personOf(call.project.approvals, { kind: 'signer', name })
  if (!gaveIt(approval, person)) throw notGiven(id, person)
  const more = { approver: name, key: keyLabel(call, approver), reason: reason && oneLine(reason) }
  const revoked = await audited(call, decisionAct(approval, 'revoke', more), async () => {
    const word = { verdict: 'revoked', reason, code_sha256: null } as const
    const statement = statementOf(call.runtime.now(), request, word)
    const signed = await signStatement(call, statement, keyFile)
    const decision = await verifiedDecision(call, approval, statement, signed)
    const moved = await call.store.write(async (tables) => {
      if (!(await tables.approvals.move(id, state, 'revoked'))) return false
      await tables.approvals.decide(decision)
      await announceDecision(call, tables, approval, decision)
      return true
    })
    if (!moved) throw changedMeanwhile(id)
    return { approval_id: id, state: 'revoked' as const, by: person }
  })
  await closeThread(call, approval, `revoked by ${person}`)
  return revoked
}

function gaveIt({ decisions }: Approval, person: string): boolean {
  return decisions.some((one) => one.verdict === 'approved' && one.person === person)
}

function notGiven(id: string, person: string): Failure {
  return new Failure({
    code: 'not_permitted',
    message: `${person} did not approve ${id}, and only who approved takes it back`,
    hint: `name the key that approved it with --key; gonogo approval show ${id} says whose that is`,
  })
}
