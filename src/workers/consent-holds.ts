import { leastLevel, meetsLevel, wantsApproval, type Approval } from '../core/approval.ts'
import { fitsPlan } from '../core/consent.ts'
import type { Deployment } from '../core/deployment.ts'
import { unknownRelease } from '../core/observed.ts'
import type { Environment } from '../core/project.ts'
import type { Call } from '../ports/context.ts'
import { underBasePolicy } from '../tools/support/base-policy.ts'
import { codeOf } from '../tools/support/find-request.ts'
import { weigh } from '../tools/support/weigh.ts'
import { planOf } from './policy.ts'

/** How long after its approval expired a deployment may still be started, as after a crash. */
const graceMs = 3_600_000

/**
 * Why nothing may be started for this row, or null. Admission looked at the consent, but a row proves
 * nothing: whoever can write the store can write one that was never admitted. Where L0 is enough they can
 * sign, too, so there nothing is looked at again.
 */
export async function consentProblem(
  call: Call,
  deployment: Deployment,
  environment: Environment,
): Promise<string | null> {
  const held = await underBasePolicy(call, environment)
  const judging = { environment: held.environment, approvals: held.call.project.approvals }
  if (!wantsApproval(judging.environment, planOf(deployment))) return null
  const least = leastLevel(judging.approvals.mode, judging.environment.least_level)
  if (!meetsLevel(least, 'L1')) return null
  const approval = await approvalOf(call, deployment)
  if (approval === null) return 'it rests on no approval'
  if (!isAbout(call, approval, deployment)) return 'its approval is about something else'
  if (call.runtime.now() > Date.parse(approval.request.expires_at) + graceMs)
    return 'its approval expired long ago'
  if (await isElsewhere(call, deployment, environment))
    return `${environment.name} no longer runs what was there when it was approved`
  // Admission wanted the code itself; here only what was signed with it is known.
  const { verdict } = await weigh(call, approval, judging, codeOf(approval))
  return verdict.kind === 'enough' ? null : 'its approval does not hold'
}

/** A row that is put back together with its approval is found out by what runs since. */
async function isElsewhere(
  call: Call,
  deployment: Deployment,
  environment: Environment,
): Promise<boolean> {
  const { from, preempts } = planOf(deployment)
  // What a rollback interrupts may or may not have got there.
  if (preempts !== null) return false
  const current = (await call.pipeline?.current(environment)) ?? null
  // Records that do not tell what runs say nothing against it either.
  if (current === null || current.sha === unknownRelease.sha) return false
  return current.sha !== from?.sha
}

async function approvalOf(call: Call, { approval_id }: Deployment): Promise<Approval | null> {
  if (approval_id === null) return null
  return await call.store.read((tables) => tables.approvals.get(approval_id))
}

function isAbout(call: Call, approval: Approval, deployment: Deployment): boolean {
  const { request } = approval
  const plan = planOf(deployment)
  return (
    approval.consumed_by === deployment.id &&
    request.plan_hash === call.runtime.sha256(deployment.plan) &&
    fitsPlan(request, plan) &&
    plan.environment === deployment.environment &&
    plan.release.sha === deployment.release.sha
  )
}
