import type { Approval } from '../core/approval.ts'
import type { ConsentRule } from '../core/approver-policy.ts'
import { fitsPlan, type ConsentVerdict, type Counted } from '../core/consent.ts'
import { Failure } from '../core/failure.ts'
import { planView, type PlanLine } from '../core/plan-view.ts'
import type { Plan } from '../core/plan.ts'
import { oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import type { Runtime } from '../ports/runtime.ts'
import { openRequest } from './decide.ts'
import { weighRequest } from './judging.ts'

/** A request as a person reads it before deciding. */
export interface Review {
  approval: Approval
  /** What it takes. */
  rule: ConsentRule
  lines: PlanLine[]
}

/** Loads a request and proves that the plan shown is the one whose hash will be signed. */
export async function reviewRequest(call: Call, id: string): Promise<Review> {
  const approval = await openRequest(call, id)
  refuseAnotherPlan(approval, id, call.runtime)
  const { rule, verdict } = await weighRequest(call, approval)
  return { approval, rule, lines: reviewLines(approval, rule, verdict) }
}

/** What is shown is the plan; what is signed is the request. */
export function refuseAnotherPlan(
  { request, plan }: Pick<Approval, 'request' | 'plan'>,
  id: string,
  runtime: Pick<Runtime, 'sha256'>,
): void {
  const same = request.id === id && runtime.sha256(plan) === request.plan_hash
  if (same && fitsPlan(request, JSON.parse(plan) as Plan)) return
  throw new Failure({
    code: 'invalid_approval',
    message: `the plan stored with ${id} is not the one its request names: it was changed`,
    hint: 'do not approve it; run gonogo audit verify and ask the requester to call again',
  })
}

/** The plan, and then who has to agree to it. */
export function reviewLines(
  { request, plan }: Pick<Approval, 'request' | 'plan'>,
  rule: ConsentRule,
  verdict: ConsentVerdict,
): PlanLine[] {
  const given = verdict.kind === 'ended' ? [] : verdict.counted
  return [
    ...planView(JSON.parse(plan) as Plan, request),
    fact('acts for', request.operator),
    fact('wants', ruleLine(rule)),
    ...(given.length === 0 ? [] : [fact('approved', given.map(named).join(', '))]),
    ...(verdict.kind === 'missing' ? verdict.problems : []).map((text): PlanLine => ({
      kind: 'warning',
      label: null,
      text: whole(`does not count: ${text}`),
    })),
  ]
}

/** What a request takes, in one line. */
export function ruleLine({ count, least, names, reason }: ConsentRule): string {
  const people = count === 1 ? 'one approval' : `approvals of ${count} people`
  const by = names.length === 0 ? '' : ` by ${names.join(', ')}`
  return `${people} of level ${least} or more${by}${reason === 'required' ? ', with a reason' : ''}`
}

function named({ person, level }: Counted): string {
  return `${person} (${level})`
}

/** A line of the screen, whole: a row or a file may hold anything, and must not draw over the plan. */
export function fact(label: string, text: string): PlanLine {
  return { kind: 'fact', label, text: whole(text) }
}

function whole(text: string): string {
  return oneLine(text, Number.POSITIVE_INFINITY)
}
