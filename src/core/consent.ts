import {
  kindOf,
  meetsLevel,
  overridesOf,
  type Approval,
  type ApprovalRequest,
  type AssuranceLevel,
  type Decision,
  type DecisionMethod,
  type DecisionStatement,
} from './approval.ts'
import {
  mayApprove,
  personOf,
  selfApprovalProblem,
  type ConsentRule,
  type Identity,
} from './approver-policy.ts'
import { canonicalJson } from './canonical.ts'
import { planChanges } from './plan-difference.ts'
import type { Plan } from './plan.ts'

/** An approval or rejection, and what verifying it just now came to. */
export type Attested = { decision: Decision } & (
  | { identity: Identity; level: AssuranceLevel; problem: null }
  | { problem: string }
)

/** A word that counts. */
export interface Counted {
  person: string
  level: AssuranceLevel
  method: DecisionMethod
}

export type ConsentVerdict =
  | { kind: 'enough'; counted: Counted[]; level: AssuranceLevel }
  /** `reached`: enough people, worth too little. `problems`: why others do not count. */
  | { kind: 'missing'; counted: Counted[]; reached: AssuranceLevel | null; problems: string[] }
  | { kind: 'ended'; by: string; verdict: 'rejected' | 'revoked' }

/** What is to be done with an approval, by whom and when. */
export interface Use {
  now: number
  /** When the request says that it ends: what the row says besides counts for nothing. */
  expires_at: number
  requester: string
  plan: Plan
  plan_hash: string
  /** Hash of the plan stored with the request. */
  stored_plan_hash: string
}

/** Why a request is of no use for this, whatever was decided about it; null when nothing speaks against it. */
export function requestProblem(approval: Approval, use: Use): string | null {
  const { id, request, state } = approval
  if (request.format !== 'gonogo-approval-v2') return `${id} is of an older kind`
  if (request.id !== id) return `${id} is a copy of another request`
  if (state === 'rejected') return `${id} was rejected by ${byWhom(approval, 'rejected')}`
  if (state === 'revoked') return `${id} was revoked by ${byWhom(approval, 'revoked')}`
  if (state === 'consumed') return `${id} was used before`
  if (state === 'superseded') return `${id} was replaced by a newer request`
  if (!(use.expires_at > use.now)) return `${id} expired`
  if (request.requester !== use.requester) return `${id} belongs to ${request.requester}`
  if (request.plan_hash !== use.stored_plan_hash)
    return `the plan stored with ${id} is not the one it was requested for`
  if (request.plan_hash === use.plan_hash)
    return fitsPlan(request, use.plan) ? null : `${id} says another thing than its plan`
  return `the plan changed since ${id} was requested: ${changesSince(approval, use).join('; ')}`
}

/** Whether a request says of its plan what the plan says: the hash alone tells a person nothing. */
export function fitsPlan(request: ApprovalRequest, plan: Plan): boolean {
  try {
    return Object.entries(saidOf(plan)).every(
      ([key, value]) =>
        canonicalJson(request[key as keyof ApprovalRequest]) === canonicalJson(value),
    )
  } catch {
    // What is stored need not be a plan at all.
    return false
  }
}

function saidOf(plan: Plan): Partial<ApprovalRequest> {
  const { action, project, environment, release, reason } = plan
  const { version, sha: commit } = release
  const [kind, overrides] = [kindOf(plan), overridesOf(plan)]
  const digests = plan.images.map(({ digest }) => digest)
  return { action, project, environment, reason, version, commit, kind, overrides, digests }
}

/** In words; a row that somebody wrote by hand may hold anything. */
function changesSince({ plan }: Approval, now: Use): string[] {
  try {
    return planChanges(JSON.parse(plan) as Plan, now.plan)
  } catch {
    return ['what is stored is no plan']
  }
}

function byWhom({ decisions }: Approval, verdict: 'rejected' | 'revoked'): string {
  return decisions.findLast((decision) => decision.verdict === verdict)?.person ?? 'somebody'
}

/** A statement in full, if these are the bytes of one about this very request; else what is wrong. */
export function readStatement(
  { statement: text, verdict }: Pick<Decision, 'statement' | 'verdict'>,
  request: ApprovalRequest,
): { statement: DecisionStatement } | { problem: string } {
  const statement = parsed(text)
  if (statement?.format !== 'gonogo-decision-v1' || canonicalJson(statement) !== text)
    return { problem: 'what was signed is no decision' }
  if (statement.verdict !== verdict) return { problem: `what was signed says ${statement.verdict}` }
  if (canonicalJson(statement.request ?? null) !== canonicalJson(request))
    return { problem: 'what was signed is about another request' }
  if (!isBefore(statement.decided_at, request.expires_at))
    return { problem: 'it was decided after the request expired' }
  return { statement }
}

/** Moments as gonogo writes them, which sort as text; anything else is before nothing. */
function isBefore(one: string, other: string): boolean {
  const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
  return moment.test(one) && moment.test(other) && one < other
}

function parsed(text: string): DecisionStatement | null {
  try {
    const value = JSON.parse(text) as unknown
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as DecisionStatement)
      : null
  } catch {
    return null
  }
}

export interface Judged {
  approval: Approval
  rule: ConsentRule
  /** What was decided, as it was verified just now. */
  attested: readonly Attested[]
  /** How many people could approve. */
  approvers: number
  /** Hash of the one-time code that came with the call; null for none. */
  code_sha256: string | null
}

/** Whether enough different people consented, each for the whole request, and what that is worth. */
export function judgeConsent(judged: Judged): ConsentVerdict {
  const end = endedBy(judged)
  if (end) return end
  const { rule, attested } = judged
  const problems: string[] = []
  const best = new Map<string, Counted>()
  for (const one of attested.filter(({ decision }) => decision.verdict === 'approved')) {
    const word = wordOf(judged, one)
    if ('problem' in word) problems.push(word.problem)
    else if (
      !meetsLevel(best.get(word.person)?.level ?? 'L0', word.level) ||
      !best.has(word.person)
    )
      best.set(word.person, word)
  }
  const strongest = [...best.values()]
    .toSorted((one, other) => weaker(one, other) - weaker(other, one))
    .slice(0, rule.count)
  const level = strongest.at(-1)?.level ?? 'L0'
  const counted = strongest.filter((word) => meetsLevel(word.level, rule.least))
  if (counted.length >= rule.count) return { kind: 'enough', counted, level }
  const reached = strongest.length >= rule.count ? level : null
  return { kind: 'missing', counted, reached, problems }
}

/** No is no, however weakly it was said here; on a platform anybody can say it, so there it has to count. */
function endedBy({ approval, attested, rule }: Judged): ConsentVerdict | null {
  for (const { person, verdict } of approval.decisions) {
    if (verdict !== 'approved') return { kind: 'ended', by: person, verdict }
  }
  for (const one of attested) {
    if (one.problem !== null || one.decision.verdict !== 'rejected') continue
    if (mayApprove(rule, one.identity))
      return { kind: 'ended', by: personOf(rule.policy, one.identity), verdict: 'rejected' }
  }
  return null
}

function weaker(one: Counted, other: Counted): number {
  return meetsLevel(one.level, other.level) ? 0 : 1
}

function wordOf(judged: Judged, attested: Attested): Counted | { problem: string } {
  const { approval, rule, approvers, code_sha256 } = judged
  const { decision } = attested
  if (attested.problem !== null) return { problem: attested.problem }
  const { identity, level } = attested
  const read = readStatement(decision, approval.request)
  if ('problem' in read) return read
  const person = personOf(rule.policy, identity)
  if (!mayApprove(rule, identity))
    return { problem: `${identity.name} is not among those who approve here` }
  const own = selfApprovalProblem(rule, approvers, person, approval.request)
  if (own !== null) return { problem: own }
  const { reason, code_sha256: wanted } = read.statement
  if (rule.reason === 'required' && !reason) return { problem: `${person} gave no reason` }
  if (wanted !== null && wanted !== code_sha256)
    return { problem: `${person} approved it for the one-time code alone` }
  return { person, level, method: decision.method }
}
