import type { Approval, ApprovalState, Decision } from '../core/approval.ts'
import type { PlanLine } from '../core/plan-view.ts'
import type { Call } from '../ports/context.ts'
import { storedRequest } from './decide.ts'
import { weighRequest } from './judging.ts'
import { refuseAnotherPlan, reviewLines } from './review-request.ts'

/** A decision, and whether it can be verified now. */
export interface ShownDecision extends Omit<Decision, 'statement' | 'signature' | 'approval_id'> {
  reason: string | null
  /** True when a one-time code is wanted to use it. */
  code: boolean
  /** Why it does not count now; null when it does, and for those that are not consent. */
  problem: string | null
}

export interface ShownApproval {
  approval: Approval
  /** Its state; that it expired is in no row. */
  standing: ApprovalState | 'expired'
  decisions: ShownDecision[]
  lines: PlanLine[]
}

const most = 200

/** What waits and can still be used; with `all` every request there was, newest first. */
export async function listApprovals(call: Call, all: boolean): Promise<Approval[]> {
  const states: ApprovalState[] = ['open', 'approved']
  const filter = all ? { limit: most } : { states, limit: most }
  const rows = await call.store.read((tables) => tables.approvals.list(filter))
  return all ? rows : rows.filter(({ expires_at }) => expires_at > call.runtime.now())
}

/** One request with everything that was ever decided about it, verified anew. Changes nothing. */
export async function showApproval(call: Call, id: string): Promise<ShownApproval> {
  const approval = await storedRequest(call, id)
  refuseAnotherPlan(approval, id, call.runtime)
  const { rule, verdict, attested, found } = await weighRequest(call, approval)
  const problems = new Map(attested.map(({ decision, problem }) => [decision.id, problem]))
  const decisions = [...approval.decisions, ...found].map((decision) =>
    shown(decision, problems.get(decision.id) ?? null),
  )
  return {
    approval,
    standing: standingOf(approval, call.runtime.now()),
    decisions,
    lines: reviewLines(approval, rule, verdict),
  }
}

export function standingOf(
  { state, request }: Pick<Approval, 'state' | 'request'>,
  now: number,
): ShownApproval['standing'] {
  const waits = state === 'open' || state === 'approved'
  return waits && !(Date.parse(request.expires_at) > now) ? 'expired' : state
}

function shown(
  { statement, signature: _signature, approval_id: _id, ...decision }: Decision,
  problem: string | null,
): ShownDecision {
  const { reason, code } = saidIn(statement)
  return { ...decision, reason, code, problem }
}

/** A row may hold anything. */
function saidIn(statement: string): { reason: string | null; code: boolean } {
  try {
    const { reason, code_sha256 } = JSON.parse(statement) as Record<string, unknown>
    return { reason: typeof reason === 'string' ? reason : null, code: Boolean(code_sha256) }
  } catch {
    return { reason: null, code: false }
  }
}
