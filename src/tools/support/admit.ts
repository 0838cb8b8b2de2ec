import { canonicalJson } from '../../core/canonical.ts'
import type { Check } from '../../core/check.ts'
import { isUnderWay, neverStarted, type Deployment } from '../../core/deployment.ts'
import { Failure } from '../../core/failure.ts'
import { principalLabel } from '../../core/principal.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import type { Evidence, Lock, Tables } from '../../ports/store.ts'
import { newApproval } from './approval-request.ts'
import type { Grant } from './consent.ts'
import { gateSubject } from './evidence.ts'
import type { Planned } from './planned.ts'

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
    await takeLock(call, tables, planned, deploymentId)
    const approvalId = await consume(call, tables, planned, grant, deploymentId)
    const deployment = newDeployment(call, planned, deploymentId, approvalId)
    await tables.deployments.insert(deployment)
    for (const { check } of planned.gates) {
      await tables.evidence.insert(gateEvidence(call, planned, check, deploymentId))
    }
    return { deployment, joined: false }
  })
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
  const holder = lock && (await tables.deployments.get(lock.deployment_id))
  if (!holder || !isUnderWay(holder) || holder.initiated_by !== requester) return null
  const same = holder.kind === kinds[plan.action] && holder.release.sha === plan.release.sha
  return same ? holder : null
}

async function takeLock(
  call: Call,
  tables: Tables,
  { plan }: Planned,
  deploymentId: string,
): Promise<void> {
  const lock: Lock = {
    environment: plan.environment,
    deployment_id: deploymentId,
    holder: principalLabel(call.principal),
    reason: plan.reason ?? `${plan.action} ${plan.release.version}`,
    since: call.runtime.now(),
  }
  if (await tables.locks.take(lock)) return
  const held = await tables.locks.get(plan.environment)
  if (held === null || held.deployment_id !== plan.preempts) throw busy(plan.environment, held)
  await tables.locks.transfer(plan.environment, lock)
  await shutOut(tables, held.deployment_id)
}

/** Whoever drives the interrupted deployment can no longer write, and nobody claims it again. */
async function shutOut(tables: Tables, id: string): Promise<void> {
  await tables.deployments.fenceOff(id)
  const row = await tables.deployments.get(id)
  if (row) await tables.deployments.update(id, row.fence, { due_at: Number.MAX_SAFE_INTEGER })
}

/** Who has the environment, why, and how to follow them. */
export function busy(environment: string, lock: Lock | null): Failure {
  const holder = lock
    ? `${lock.holder} (${oneLine(lock.reason, 80)}, ${lock.deployment_id})`
    : 'another deployment'
  return new Failure({
    code: 'environment_busy',
    message: `${environment} is locked by ${holder}`,
    hint: lock
      ? `follow it with get_deployment_status ${lock.deployment_id}, then try again`
      : 'try again',
    retryable: true,
    details: {
      environment,
      deployment_id: lock?.deployment_id ?? null,
      holder: lock?.holder ?? null,
    },
  })
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
  const change = { consumed_by: deploymentId, level: grant.level, approver: grant.by }
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
  const { method, level, by } = grant
  const decided = { method, level, approver: by, decided_at: now, consumed_by: deploymentId }
  await tables.approvals.insert({ ...request, ...decided, state: 'consumed' })
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
