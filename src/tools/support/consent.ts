import {
  approvalNamespace,
  leastLevel,
  meetsLevel,
  selfApprovalProblem,
  type Approval,
  type AssuranceLevel,
} from '../../core/approval.ts'
import { canonicalJson } from '../../core/canonical.ts'
import type { Deployment } from '../../core/deployment.ts'
import { Failure } from '../../core/failure.ts'
import { planChanges } from '../../core/plan-difference.ts'
import type { Plan } from '../../core/plan.ts'
import { principalLabel } from '../../core/principal.ts'
import type { Call } from '../../ports/context.ts'
import { tokenLabel } from './audit.ts'
import { levelTooLow, reachedLevel } from './level.ts'
import type { Planned } from './planned.ts'

/** Who agreed, how, and what that is worth. */
export interface Grant {
  method: 'ssh_signature' | 'static_token'
  level: AssuranceLevel
  by: string
  /** The stored request to consume; null for a static token, which has none. */
  approval: Approval | null
}

export type Consent =
  | { kind: 'not_needed' }
  | { kind: 'granted'; grant: Grant }
  /** Somebody still has to decide; null when no request is stored yet. */
  | { kind: 'wanted'; approval: Approval | null }

/**
 * The deployment this caller started before with this approval, for the very thing asked for now: a
 * request that is made again gets it back, whatever has changed since.
 */
export async function startedWith(
  call: Call,
  { plan }: Planned,
  token: string | undefined,
): Promise<Deployment | null> {
  if (token === undefined) return null
  return await call.store.read(async (tables) => {
    const approval = await tables.approvals.get(token)
    if (!approval?.consumed_by || approval.state !== 'consumed') return null
    const { action, environment, commit } = approval.request
    const same =
      action === plan.action && environment === plan.environment && commit === plan.release.sha
    return same && isOwn(call, approval) ? await tables.deployments.get(approval.consumed_by) : null
  })
}

/** What a token is worth for this plan, now. Reads only; consuming is a matter of admission. */
export async function examineConsent(
  call: Call,
  planned: Planned,
  token: string | undefined,
): Promise<Consent> {
  if (planned.environment.approval === 'none') return { kind: 'not_needed' }
  if (token === undefined) return { kind: 'wanted', approval: null }
  const approval = await call.store.read((tables) => tables.approvals.get(token))
  if (approval) return await examineRequest(call, planned, approval)
  return { kind: 'granted', grant: staticGrant(call, planned, token) }
}

async function examineRequest(call: Call, planned: Planned, approval: Approval): Promise<Consent> {
  requireBinding(call, planned, approval)
  if (approval.state === 'open') return { kind: 'wanted', approval }
  return { kind: 'granted', grant: await verifiedGrant(call, planned, approval) }
}

function isOwn(call: Call, approval: Approval): boolean {
  return approval.request.requester === principalLabel(call.principal)
}

/** Refuses an approval that is over, somebody else's, or about something else than this plan. */
function requireBinding(call: Call, planned: Planned, approval: Approval): void {
  const { request, state } = approval
  const refuse = (why: string) => refusal(planned, why)
  if (request.id !== approval.id) throw refuse(`${approval.id} is a copy of another request`)
  if (state === 'rejected') throw refuse(`${approval.id} was rejected by ${approval.approver}`)
  if (state === 'consumed') throw refuse(`${approval.id} was used before`)
  if (state === 'superseded') throw refuse(`${approval.id} was replaced by a newer request`)
  if (Date.parse(request.expires_at) <= call.runtime.now()) throw refuse(`${approval.id} expired`)
  if (!isOwn(call, approval)) throw refuse(`${approval.id} belongs to ${request.requester}`)
  if (call.runtime.sha256(approval.plan) !== request.plan_hash)
    throw refuse(`the plan stored with ${approval.id} is not the one it was requested for`)
  if (request.plan_hash !== planned.hash) {
    const changed = planChanges(JSON.parse(approval.plan) as Plan, planned.plan)
    throw refuse(`the plan changed since ${approval.id} was requested: ${changed.join('; ')}`)
  }
}

/** Verifies the stored signature again: a row that merely says "approved" approves nothing. */
async function verifiedGrant(call: Call, planned: Planned, approval: Approval): Promise<Grant> {
  const { request, signature } = approval
  if (signature === null) throw refusal(planned, `${approval.id} carries no signature`)
  const verdict = await call.signer.verify(canonicalJson(request), signature, approvalNamespace)
  if (!verdict.valid) throw refusal(planned, `${approval.id}: ${verdict.problem}`)
  const approvers = await call.approvers.list()
  const { self_approval } = planned.approvals
  const name = verdict.approver.name
  const own = selfApprovalProblem(self_approval, approvers.length, name, request.requester)
  if (own) throw refusal(planned, own)
  const level = await reachedLevel(call, verdict.approver, verdict.user_present)
  requireLevel(planned, level)
  return { method: 'ssh_signature', level, by: name, approval }
}

function requireLevel(planned: Planned, level: AssuranceLevel): void {
  const least = wantedLevel(planned)
  if (meetsLevel(level, least)) return
  throw levelTooLow(planned.environment.name, level, least)
}

export function wantedLevel({ approvals, environment }: Planned): AssuranceLevel {
  return leastLevel(approvals.mode, environment.least_level)
}

/** Compatibility mode. Compares with every token, so that timing tells nothing. */
function staticGrant(call: Call, planned: Planned, token: string): Grant {
  let known = false
  for (const candidate of call.adminTokens) {
    if (call.runtime.sameSecret(candidate, token)) known = true
  }
  if (!known) throw refusal(planned, null)
  if (planned.approvals.mode === 'strict') {
    throw refusal(planned, 'approvals.mode is strict, which refuses static tokens')
  }
  requireLevel(planned, 'L0')
  return { method: 'static_token', level: 'L0', by: tokenLabel(call, token), approval: null }
}

function refusal(planned: Planned, why: string | null): Failure {
  const { action } = planned.plan
  const what = action === 'rollback' ? 'rollback' : 'deployment'
  const headline = `Invalid approval token for ${planned.environment.name} ${what}`
  return new Failure({
    code: 'invalid_approval',
    message: why === null ? headline : `${headline}: ${why}`,
    hint: 'call again without approval_token to make a new request that a person can approve',
  })
}
