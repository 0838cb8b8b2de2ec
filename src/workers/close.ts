import { neverStarted, type Deployment } from '../core/deployment.ts'
import { deploymentEnded } from '../core/notification.ts'
import type { Release } from '../core/release.ts'
import type { Call } from '../ports/context.ts'
import type { Tables } from '../ports/store.ts'
import { announce } from '../tools/support/notify.ts'
import { auditResult } from './audit-result.ts'
import { givenReviews } from './given-reviews.ts'
import { releasePlatformLock } from './platform-lock.ts'
import type { Step } from './step.ts'

/**
 * The outcome is settled: audit it first, then free the environment. If the log cannot be written
 * the environment stays locked, and this is tried again.
 */
export const close: Step = async (request) => {
  const { call, deployment } = request
  await auditResult(call, deployment)
  call.runtime.reached('close.audited')
  const checks = await givenReviews(request)
  await releasePlatformLock(request)
  return {
    event: { type: 'closed' },
    checks,
    also: (tables) => settle(call, tables, deployment),
  }
}

/** What the outcome means to everything around the deployment, in the transaction that ends it. */
export async function settle(call: Call, tables: Tables, deployment: Deployment): Promise<void> {
  await tables.locks.release(deployment.environment, deployment.id)
  await announce(call, tables, deploymentEnded(deployment))
  if (neverStarted(deployment)) await giveApprovalBack(tables, deployment)
  if (deployment.kind === 'rollback' && deployment.status === 'success') {
    await holdBadRelease(call, tables, deployment)
  }
}

async function giveApprovalBack(tables: Tables, { id, approval_id }: Deployment): Promise<void> {
  if (approval_id === null) return
  const approval = await tables.approvals.get(approval_id)
  if (approval?.consumed_by !== id) return
  // A static token left nothing that could be used once more.
  if (approval.decisions.some(({ method }) => method === 'static_token')) return
  await tables.approvals.move(approval_id, 'consumed', 'approved', { consumed_by: null })
}

/** The release left behind must not come back by itself, and its deployment shows what became of it. */
async function holdBadRelease(call: Call, tables: Tables, rollback: Deployment): Promise<void> {
  const { environment, reason, release } = rollback
  const bad = await leftBehind(tables, rollback)
  if (bad === null || bad.sha === release.sha) return
  const holds = await tables.holds.list(environment)
  if (!holds.some((hold) => hold.sha === bad.sha)) {
    const since = call.runtime.now()
    const why = reason ?? 'rolled back'
    await tables.holds.insert({ environment, ...bad, reason: why, since })
  }
  const { rows } = await tables.deployments.list({ environment, limit: 50 })
  const left = rows.find((row) => row.release.sha === bad.sha && row.status === 'success')
  if (left) await tables.deployments.update(left.id, left.fence, { status: 'rolled_back' })
}

/** What was on its way when the rollback stepped in, whether it ran already or not; else what ran. */
async function leftBehind(tables: Tables, rollback: Deployment): Promise<Release | null> {
  const { from, preempts } = rollback
  const interrupted = preempts === null ? null : await tables.deployments.get(preempts)
  return interrupted?.release ?? from ?? (await failedLast(tables, rollback))
}

/** Nobody could say what ran: what failed there just before may have. */
async function failedLast(tables: Tables, rollback: Deployment): Promise<Release | null> {
  const { rows } = await tables.deployments.list({ environment: rollback.environment, limit: 20 })
  const before = rows.find((row) => row.id !== rollback.id && row.created_at <= rollback.created_at)
  return before?.status === 'failure' && before.release.sha !== '' ? before.release : null
}
