import type { Approval, Decision } from '../approval.ts'
import type {
  DecisionProof,
  ReportChange,
  ReportedCommits,
  ReportedConsent,
  ReportedDecision,
  ReportedGate,
} from './report.ts'
import type { CheckStatus } from '../check.ts'
import { neverStarted, type Deployment } from '../deployment.ts'
import type { Plan } from '../plan.ts'
import { contradictions } from './contradictions.ts'
import type { LoggedDeployment } from './log.ts'
import { oneLine } from '../text.ts'

/** Everything that was found about one change, before it is judged. */
export interface ChangeFacts {
  deployment: Deployment
  /** Null when there is none, or when the stored text is not what was hashed. */
  plan: Plan | null
  /** True when the stored plan has the hash the deployment names. */
  planHolds: boolean
  approval: Approval | null
  decisions: JudgedDecision[]
  gates: StoredGate[]
  commits: ReportedCommits
  review: ReportChange['review_owed']
  logged: LoggedDeployment | null
  /** Lines that name its approval. */
  approvalLines: number[]
}

/** A stored decision, and what became of proving it again. */
export interface JudgedDecision {
  decision: Decision
  /** As the policy of now knows the one whose word it is. */
  person: string
  proof: DecisionProof
  problem: string | null
}

export interface StoredGate {
  name: string
  status: CheckStatus
  ran: boolean
  /** `sha256:` and the hash of its evidence, computed from what is stored. */
  evidence: string
}

/** One change as an auditor reads it. `at` writes a moment. */
export function reportChange(facts: ChangeFacts, at: (ms: number) => string): ReportChange {
  const { deployment, plan, approval, commits, review } = facts
  const { release, from, fault, completed_at, reason } = deployment
  return {
    deployment_id: deployment.id,
    environment: deployment.environment,
    kind: deployment.kind,
    version: release.version,
    commit: release.sha,
    from_version: from?.version ?? null,
    started_at: at(deployment.created_at),
    ended_at: completed_at === null ? null : at(completed_at),
    outcome: deployment.status,
    verified: deployment.verified,
    health: deployment.health_status,
    cause: fault === null ? null : oneLine(fault.cause, 300),
    requester: deployment.initiated_by,
    operator: approval?.request.operator ?? null,
    reason: reason === null ? null : oneLine(reason, 300),
    plan_hash: deployment.plan_hash === '' ? null : deployment.plan_hash,
    policy_hash: plan?.policy_hash ?? null,
    skips: plan?.skips ?? [],
    consent: consentOf(facts, at),
    commits,
    gates: facts.gates.map((gate) => gateOf(facts, gate)),
    review_owed: review,
    run_id: deployment.run_id,
    links: facts.decisions.flatMap(({ decision }) => decision.url ?? []),
    log: linesOf(facts),
    contradictions: contradictions(facts),
  }
}

function consentOf(facts: ChangeFacts, at: (ms: number) => string): ReportedConsent {
  const recorded = facts.logged?.intent?.approval ?? null
  return {
    state: stateOf(facts),
    approval_id: facts.deployment.approval_id,
    method: recorded?.method ?? null,
    level: recorded?.level ?? null,
    decisions: facts.decisions.map((judged) => decisionOf(judged, at)),
  }
}

/** An approval counts as verified when somebody approved, and everybody who did was proven again. */
function stateOf(facts: ChangeFacts): ReportedConsent['state'] {
  const { deployment, decisions, logged } = facts
  if (logged?.intent?.approval?.method === 'static_token') return 'static_token'
  if (deployment.approval_id === null) return logged?.intent?.approval ? 'unverified' : 'none'
  const approvals = decisions.filter(({ decision }) => decision.verdict === 'approved')
  const all = approvals.length > 0 && approvals.every(({ proof }) => proof === 'verified')
  return all && isForThis(facts) ? 'verified' : 'unverified'
}

/** A sound approval of something else says nothing about this. */
function isForThis({ deployment, approval }: ChangeFacts): boolean {
  if (approval === null || approval.request.plan_hash !== deployment.plan_hash) return false
  return approval.consumed_by === deployment.id || neverStarted(deployment)
}

function decisionOf(
  { decision, person, proof, problem }: JudgedDecision,
  at: (ms: number) => string,
): ReportedDecision {
  const { verdict, method, identity, level, url, decided_at } = decision
  return { verdict, method, person, identity, level, at: at(decided_at), url, proof, problem }
}

function gateOf({ plan, logged }: ChangeFacts, gate: StoredGate): ReportedGate {
  const planned = plan?.checks.find(({ name }) => name === gate.name)
  const same = loggedGates(logged).some(
    ({ name, evidence }) => name === gate.name && evidence === gate.evidence,
  )
  return { ...gate, requirement: planned?.requirement ?? 'verification', in_log: same }
}

/** The checks that the line of the intent holds. */
function loggedGates(logged: LoggedDeployment | null): { name: string; evidence: string }[] {
  const checks = logged?.intent?.details['checks']
  if (!Array.isArray(checks)) return []
  return (checks as Record<string, unknown>[]).flatMap((check) => {
    const { check_name, evidence } = check ?? {}
    if (typeof check_name !== 'string' || typeof evidence !== 'string') return []
    return [{ name: check_name, evidence }]
  })
}

function linesOf({ logged, approvalLines }: ChangeFacts): ReportChange['log'] {
  const lines = [...new Set([...approvalLines, ...(logged?.lines ?? [])])]
  return {
    intent: logged?.intent?.seq ?? null,
    result: logged?.result?.seq ?? null,
    lines: lines.toSorted((left, right) => left - right),
  }
}
