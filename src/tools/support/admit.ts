import { canonicalJson } from '../../core/canonical.ts'
import type { Check } from '../../core/check.ts'
import { isUnderWay, neverStarted, type Deployment } from '../../core/deployment.ts'
import { Failure } from '../../core/failure.ts'
import { deploymentStarted, glassBroken } from '../../core/notification.ts'
import { principalLabel } from '../../core/principal.ts'
import type { Call } from '../../ports/context.ts'
import type { Evidence, Tables } from '../../ports/store.ts'
import { newApproval, staticDecision } from './approval-request.ts'
import type { Grant } from './consent.ts'
import { gateSubject } from './evidence.ts'
import { refuseWhenStopped } from './line.ts'
import { takeLock } from './lock.ts'
import { announce } from './notify.ts'
import type { Planned } from './planned.ts'
import { oweReview } from './review-owed.ts'

export interface Admission {
  deployment: Deployment
  /** True when the same request had been admitted before. */
  joined: boolean
}

const kinds = { deploy: 'deploy', promote: 'promotion', rollback: 'rollback' } as const

/**
 * The one transaction that turns consent into a deployment: is the environment free, is the approval
 * still the one that was verified, then lock, consumption and the recorded intent together. A busy
 * environment refuses before anything is consumed.
 */
export async function admit(
  call: Call,
  planned: Planned,
  grant: Grant | null,
  deploymentId: string,
): Promise<Admission> {
  return await call.store.write(async (tables) => {
    const running = await sameUnderWay(tables, planned, principalLabel(call.principal))
    if (running) return { deployment: running, joined: true }
    await refuseWhenStopped(call, tables, planned)
    await takeLock(call, tables, planned.plan, deploymentId)
    const approvalId = await consume(call, tables, planned, grant, deploymentId)
    const deployment = newDeployment(call, planned, deploymentId, approvalId)
    await tables.deployments.insert(deployment)
    await oweReview(call, tables, planned, deploymentId)
    await announceStart(call, tables, planned, deployment)
    for (const { check } of planned.gates) {
      await tables.evidence.insert(gateEvidence(call, planned, check, deploymentId))
    }
    return { deployment, joined: false }
  })
}

async function announceStart(
  call: Call,
  tables: Tables,
  { plan, set_aside }: Planned,
  deployment: Deployment,
): Promise<void> {
  await announce(call, tables, deploymentStarted(deployment))
  if (plan.skips.includes('break_glass'))
    await announce(call, tables, glassBroken(deployment, set_aside))
}

/** What let it through, for whoever asks later; nothing else may rely on it. */
function gateEvidence(
  call: Call,
  { plan }: Planned,
  check: Check,
  deployment_id: string,
): Evidence {
  return {
    id: call.runtime.id('ev'),
    check,
    sha: plan.release.sha,
    environment: plan.environment,
    subject: gateSubject,
    deployment_id,
    recorded_at: call.runtime.now(),
  }
}

/** The requester's own deployment of the same release that is under way, if there is one. */
export async function sameUnderWay(
  tables: Tables,
  { plan }: Planned,
  requester: string,
): Promise<Deployment | null> {
  const lock = await tables.locks.get(plan.environment)
  const id = lock?.deployment_id ?? null
  const holder = id === null ? null : await tables.deployments.get(id)
  if (!holder || !isUnderWay(holder) || holder.initiated_by !== requester) return null
  const same = holder.kind === kinds[plan.action] && holder.release.sha === plan.release.sha
  return same ? holder : null
}

function usedBefore(id: string): Failure {
  return new Failure({
    code: 'invalid_approval',
    message: `${id} was used before`,
    hint: 'call again without approval_token to make a new request that a person can approve',
  })
}

async function consume(
  call: Call,
  tables: Tables,
  planned: Planned,
  grant: Grant | null,
  deploymentId: string,
): Promise<string | null> {
  if (grant === null) return null
  if (grant.approval === null) return await storeStatic(call, tables, planned, grant, deploymentId)
  const { id } = grant.approval
  const now = await tables.approvals.get(id)
  const unchanged = now !== null && canonicalJson(now) === canonicalJson(grant.approval)
  // What was carried out counts, not what the approval's own row says about it.
  const used = (await tables.deployments.byApproval(id)).some((row) => !neverStarted(row))
  if (used) throw usedBefore(id)
  const change = { consumed_by: deploymentId }
  if (unchanged && (await tables.approvals.move(id, 'approved', 'consumed', change))) return id
  throw new Failure({
    code: 'invalid_approval',
    message: `${id} changed while it was being used`,
    hint: 'call again with the same approval_token to see where it stands',
    retryable: true,
  })
}

/** A static token has no request of its own: one is recorded, so that history names the consent. */
async function storeStatic(
  call: Call,
  tables: Tables,
  planned: Planned,
  grant: Grant,
  deploymentId: string,
): Promise<string> {
  const now = call.runtime.now()
  const request = newApproval(call, planned, principalLabel(call.principal), now)
  const decisions = [staticDecision(call, request, grant.by, now)]
  const consumed = { state: 'consumed', consumed_by: deploymentId, decisions } as const
  await tables.approvals.insert({ ...request, ...consumed })
  return request.id
}

function newDeployment(
  call: Call,
  { plan, text, hash, git_ref }: Planned,
  id: string,
  approval_id: string | null,
): Deployment {
  const now = call.runtime.now()
  return {
    id,
    project: plan.project,
    environment: plan.environment,
    kind: kinds[plan.action],
    status: 'queued',
    phase: plan.preempts ? 'preempting' : 'starting',
    release: plan.release,
    from: plan.from,
    git_ref,
    reason: plan.reason,
    initiated_by: principalLabel(call.principal),
    plan_hash: hash,
    plan: text,
    approval_id,
    preempts: plan.preempts,
    run_id: null,
    external_id: null,
    bypass: false,
    health_status: 'unknown',
    fault: null,
    verified: false,
    created_at: now,
    completed_at: null,
    due_at: now,
    attempt: 0,
    last_error: null,
    lease_owner: null,
    lease_until: 0,
    fence: 0,
  }
}
