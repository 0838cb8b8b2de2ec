import { Failure } from '../core/failure.ts'
import { oneLine } from '../core/text.ts'
import type { Approval } from '../core/approval.ts'
import type { Json } from '../core/canonical.ts'
import type { Call } from '../ports/context.ts'
import type { Act } from './audited.ts'

/** The request of an id, however it stands. */
export async function storedRequest(call: Call, id: string): Promise<Approval> {
  const approval = await call.store.read((tables) => tables.approvals.get(id))
  if (approval) return approval
  throw new Failure({
    code: 'unknown_approval',
    message: `there is no approval request "${oneLine(id, 64)}"`,
    hint: 'run gonogo approve without an id to see what waits',
  })
}

/** The request of an id, if a person can still decide it. */
export async function openRequest(call: Call, id: string): Promise<Approval> {
  const approval = await storedRequest(call, id)
  if (approval.state !== 'open') throw over(approval, `is ${approval.state}`)
  if (Date.parse(approval.request.expires_at) <= call.runtime.now()) throw over(approval, 'expired')
  return approval
}

/** Requests that wait for a person, newest first. */
export async function openRequests(call: Call): Promise<Approval[]> {
  const now = call.runtime.now()
  const open = await call.store.read((tables) =>
    tables.approvals.list({ states: ['open'], limit: 50 }),
  )
  return open.filter((approval) => approval.expires_at > now)
}

/** It is too late for this. */
export function over(approval: Approval, how: string, what = 'decided'): Failure {
  return new Failure({
    code: 'invalid_approval',
    message: `${approval.id} ${how}: it can no longer be ${what}`,
    hint: wayOn(approval),
  })
}

/** What can still be done about it. */
function wayOn({ id, state, consumed_by }: Approval): string {
  if (consumed_by !== null) return `look with gonogo status ${oneLine(consumed_by, 64)}`
  if (state === 'approved')
    return `look with gonogo approval show ${id}; who approved takes it back with gonogo approval revoke ${id}`
  return 'ask the requester to call again, which makes a new request'
}

/** What the audit log says of a decision. */
export function decisionAct(
  approval: Approval,
  operation: string,
  more: Record<string, Json>,
): Act {
  const { plan_hash, version, commit, requester } = approval.request
  const details = { approval_id: approval.id, plan_hash, version, commit, requester, ...more }
  return { operation, environment: approval.environment, details, correlation_id: approval.id }
}

/** Keys appear in logs as the first 12 hex digits of their SHA-256. */
export function keyLabel(call: Call, key: { public_key: string }): string {
  return `sha256:${call.runtime.sha256(key.public_key).slice(0, 12)}`
}

/** Somebody else decided first. */
export function changedMeanwhile(id: string): Failure {
  return new Failure({
    code: 'invalid_approval',
    message: `${id} was decided or replaced in the meantime`,
    hint: 'run gonogo approve without an id to see what waits',
  })
}
