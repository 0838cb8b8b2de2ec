import type { Approval, ApprovalRequest } from '../../core/approval.ts'
import { principalLabel } from '../../core/principal.ts'
import type { Call } from '../../ports/context.ts'
import type { Planned } from './planned.ts'
import { timestamp } from './time.ts'

/**
 * Stores a request bound to this plan, or returns the one that is already waiting for it. There is
 * one per environment and requester: a request for another plan replaces the earlier one.
 */
export async function requestApproval(call: Call, planned: Planned): Promise<Approval> {
  const requester = principalLabel(call.principal)
  const now = call.runtime.now()
  return await call.store.write(async (tables) => {
    const current = await tables.approvals.current(planned.environment.name, requester, now)
    if (current?.request.plan_hash === planned.hash) return current
    if (current) await tables.approvals.move(current.id, current.state, 'superseded')
    const approval = newApproval(call, planned, requester, now)
    await tables.approvals.insert(approval)
    return approval
  })
}

/** A fresh open request. */
export function newApproval(
  call: Call,
  planned: Planned,
  requester: string,
  now: number,
): Approval {
  const { plan } = planned
  const expires_at = now + call.project.approvals.validity_minutes * 60_000
  const request: ApprovalRequest = {
    format: 'gonogo-approval-v1',
    id: call.runtime.id('apr'),
    action: plan.action,
    project: plan.project,
    environment: plan.environment,
    version: plan.release.version,
    commit: plan.release.sha,
    digests: [],
    plan_hash: planned.hash,
    requester,
    nonce: call.runtime.id('nonce'),
    expires_at: timestamp(expires_at),
  }
  const { id, project, environment } = request
  const undecided = { method: null, signature: null, approver: null, level: null, decided_at: null }
  return {
    id,
    project,
    environment,
    request,
    plan: planned.text,
    requester,
    created_at: now,
    expires_at,
    state: 'open',
    ...undecided,
    reason: null,
    consumed_by: null,
  }
}

/** How an answer tells the caller what a person has to do. */
export function approvalAnswer(approval: Approval, levelWanted: string) {
  return {
    id: approval.id,
    state: approval.state,
    expires_at: timestamp(approval.expires_at),
    command: `gonogo approve ${approval.id}`,
    level_wanted: levelWanted,
  }
}
