import type { Approval } from '../../core/approval.ts'
import type { ReportedReview } from '../../core/report/report.ts'
import { canonicalJson, toJson } from '../../core/canonical.ts'
import type { Deployment } from '../../core/deployment.ts'
import type { Plan } from '../../core/plan.ts'
import type { ChangeFacts, StoredGate } from '../../core/report/change.ts'
import type { LogFacts } from '../../core/report/log.ts'
import type { Call } from '../../ports/context.ts'
import type { Evidence, ReviewOwed } from '../../ports/store.ts'
import { reviewState } from '../../tools/support/review-owed.ts'
import { timestamp } from '../../tools/support/time.ts'
import type { CommitReader } from './commits.ts'
import { judgeDecisions } from './decisions.ts'

export interface FactSources {
  call: Call
  facts: LogFacts
  commits: CommitReader
}

/** Everything that can be found out about one change, and no more of it at a time. */
export async function changeFacts(
  { call, facts, commits }: FactSources,
  deployment: Deployment,
): Promise<ChangeFacts> {
  const stored = await read(call, deployment)
  const { plan, planHolds } = planOf(call, stored.plan, deployment)
  return {
    deployment,
    plan,
    planHolds,
    approval: stored.approval,
    decisions: await judgeDecisions(call, stored.approval),
    gates: stored.evidence.map((one) => gateOf(call, one)),
    commits: await commits(deployment),
    review: stored.review && (await reviewOf(call, stored.review)),
    logged: facts.deployments.get(deployment.id) ?? null,
    approvalLines: facts.approvals.get(deployment.approval_id ?? '') ?? [],
  }
}

interface Stored {
  plan: string
  approval: Approval | null
  evidence: Evidence[]
  review: ReviewOwed | null
}

async function read({ store }: Call, { id, approval_id }: Deployment): Promise<Stored> {
  return await store.read(async (tables) => ({
    plan: (await tables.deployments.get(id))?.plan ?? '',
    approval: approval_id === null ? null : await tables.approvals.get(approval_id),
    evidence: await tables.evidence.ofDeployment(id),
    review: await tables.reviewsOwed.get(id),
  }))
}

function planOf({ runtime }: Call, text: string, { plan_hash }: Deployment) {
  const planHolds = text !== '' && runtime.sha256(text) === plan_hash
  return { plan: planHolds ? (JSON.parse(text) as Plan) : null, planHolds }
}

/** The hash as the log writes it beside a check's name. */
function gateOf({ runtime }: Call, { check }: Evidence): StoredGate {
  const { check_name: name, status, ran, details } = check
  const evidence = `sha256:${runtime.sha256(canonicalJson(toJson(details)))}`
  return { name, status, ran, evidence }
}

async function reviewOf(call: Call, owed: ReviewOwed): Promise<ReportedReview> {
  const { gates, reason, owed_since } = owed
  const state = await reviewState(call, owed)
  const isReviewed = state.state === 'reviewed'
  return {
    gates,
    reason,
    owed_since: timestamp(owed_since),
    reviewed_by: isReviewed ? state.reviewer : null,
    reviewed_at: isReviewed ? state.at : null,
    problem: state.state === 'unverified' ? state.problem : null,
  }
}
