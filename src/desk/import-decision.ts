import type { Approval } from '../core/approval.ts'
import { readStatement } from '../core/consent.ts'
import { Failure } from '../core/failure.ts'
import { oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import {
  approvedAs,
  noReason,
  refuseApprover,
  requireLevel,
  storeApproval,
  type Approved,
} from './approve.ts'
import { audited } from './audited.ts'
import { decisionAct, keyLabel } from './decide.ts'
import { readSignedDecision } from './portable.ts'
import { reviewRequest } from './review-request.ts'
import { verifiedWord } from './sign-decision.ts'

/** Takes in what somebody signed on another machine: judged as if they had signed it here. */
export async function importDecision(call: Call, file: string): Promise<Approved> {
  const { approval_id: id, statement: text, signature } = readSignedDecision(file)
  const { approval, rule } = await reviewRequest(call, id)
  const read = readStatement({ verdict: 'approved', statement: text }, approval.request)
  if ('problem' in read) throw refused(approval, read.problem)
  const { statement } = read
  if (statement.code_sha256 !== null) throw refused(approval, 'it wants a one-time code')
  const signed = { statement: text, signature }
  const { decision, approver } = await verifiedWord(call, approval, statement, signed)
  await refuseApprover(call, approval, rule, decision.identity)
  if (rule.reason === 'required' && !statement.reason) throw noReason(approval.environment)
  requireLevel(rule, approval.environment, decision.level)
  const { decided_at } = statement
  const details = { approver: approver.name, key: keyLabel(call, approver), decided_at }
  return await audited(
    call,
    decisionAct(approval, 'import_approval', details),
    async () => approvedAs(await storeApproval(call, approval, decision), rule, decision, null),
    ({ level, state }) => ({ level, state }),
  )
}

function refused({ id }: Approval, why: string): Failure {
  return new Failure({
    code: 'invalid_approval',
    message: `${oneLine(id, 64)}: ${why}`,
    hint: `run gonogo approval export ${oneLine(id, 64)} again and have that file signed`,
  })
}
