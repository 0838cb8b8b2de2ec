import type { Approval, ApprovalRequest } from '../core/approval.ts'
import { Failure } from '../core/failure.ts'
import { findEnvironment } from '../core/project.ts'
import type { Call } from '../ports/context.ts'
import { underBasePolicy } from '../tools/support/base-policy.ts'
import { codeOf } from '../tools/support/find-request.ts'
import { weigh, type Judging, type Weighed } from '../tools/support/weigh.ts'

/** The policy a request is judged by, as it will be when it is used: the branch's word counts here, too. */
export async function judgingOf(
  call: Call,
  { id, environment }: Pick<ApprovalRequest, 'id' | 'environment'>,
): Promise<Judging> {
  const configured = findEnvironment(call.project, environment)
  if (configured) {
    const held = await underBasePolicy(call, configured)
    return { environment: held.environment, approvals: held.call.project.approvals }
  }
  throw new Failure({
    code: 'invalid_approval',
    message: `${id} is for the environment ${environment}, which this project does not have`,
    hint: 'ask the requester to call again, which makes a new request',
  })
}

/** What a request is worth now, for a person: whoever holds the one-time code could use it. */
export async function weighRequest(call: Call, approval: Approval): Promise<Weighed> {
  const judging = await judgingOf(call, approval.request)
  return await weigh(call, approval, judging, codeOf(approval))
}
