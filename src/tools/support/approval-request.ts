import {
  kindOf,
  overridesOf,
  type Approval,
  type ApprovalRequest,
  type Decision,
  type DecisionStatement,
} from '../../core/approval.ts'
import { canonicalJson } from '../../core/canonical.ts'
import { approvalRequested } from '../../core/notification.ts'
import { principalLabel } from '../../core/principal.ts'
import type { Call } from '../../ports/context.ts'
import { closeThread } from './attest.ts'
import type { OpenRequest } from './consent.ts'
import { announce, deliverSoon } from './notify.ts'
import type { Planned } from './planned.ts'
import { timestamp } from './time.ts'
import { ruleFor } from './weigh.ts'

/**
 * Stores a request bound to this plan, or returns the one that is already waiting for it. There is
 * one per environment and requester: a request for another plan replaces the earlier one.
 */
export async function requestApproval(
  call: Call,
  planned: Planned,
): Promise<{ approval: Approval; created: boolean }> {
  const requester = principalLabel(call.principal)
  const now = call.runtime.now()
  const stored = await call.store.write(async (tables) => {
    const current = await tables.approvals.current(planned.environment.name, requester, now)
    if (current?.request.plan_hash === planned.hash)
      return { approval: current, created: false, replaced: null }
    if (current) await tables.approvals.move(current.id, current.state, 'superseded')
    const approval = newApproval(call, planned, requester, now)
    await tables.approvals.insert(approval)
    await announce(call, tables, approvalRequested(approval.request))
    return { approval, created: true, replaced: current }
  })
  await deliverSoon(call)
  if (stored.replaced) await closeThread(call, stored.replaced, `replaced by ${stored.approval.id}`)
  return stored
}

/** A fresh open request. */
export function newApproval(
  call: Call,
  planned: Planned,
  requester: string,
  now: number,
): Approval {
  const { minutes } = ruleFor(planned, kindOf(planned.plan))
  const expires_at = now + minutes * 60_000
  const request = newRequest(call, planned, requester, expires_at)
  const { id, project, environment } = request
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
    decisions: [],
    consumed_by: null,
  }
}

function newRequest(
  { runtime }: Call,
  { plan, hash }: Planned,
  requester: string,
  expires_at: number,
): ApprovalRequest {
  return {
    format: 'gonogo-approval-v2',
    id: runtime.id('apr'),
    action: plan.action,
    kind: kindOf(plan),
    project: plan.project,
    environment: plan.environment,
    version: plan.release.version,
    commit: plan.release.sha,
    digests: plan.images.map(({ digest }) => digest),
    plan_hash: hash,
    requester,
    operator: runtime.userName(),
    overrides: overridesOf(plan),
    reason: plan.reason,
    nonce: runtime.id('nonce'),
    expires_at: timestamp(expires_at),
  }
}

/** What a static token comes to, written down as a decision: nothing is ever judged by it. */
export function staticDecision(
  call: Call,
  { request }: Approval,
  label: string,
  now: number,
): Decision {
  const statement: DecisionStatement = {
    format: 'gonogo-decision-v1',
    verdict: 'approved',
    request,
    reason: null,
    code_sha256: null,
    decided_at: timestamp(now),
  }
  return {
    id: call.runtime.id('dec'),
    approval_id: request.id,
    verdict: 'approved',
    method: 'static_token',
    person: label,
    identity: label,
    level: 'L0',
    statement: canonicalJson(statement),
    signature: null,
    url: null,
    decided_at: now,
  }
}

/** How an answer tells the caller what people have to do. */
export function approvalAnswer(
  { approval, given }: Pick<OpenRequest, 'approval' | 'given'>,
  planned: Planned,
  url: string | null,
) {
  const { least, count } = ruleFor(planned, approval.request.kind)
  return {
    id: approval.id,
    state: approval.state,
    expires_at: timestamp(approval.expires_at),
    command: `gonogo approve ${approval.id}`,
    level_wanted: least,
    approvals_wanted: count,
    approved_by: given.map(({ person }) => person),
    ...(url !== null && { url }),
  }
}
