import { reviewerProblem, type ReviewState, type ReviewStatement } from '../core/break-glass.ts'
import { approvingPeople, personOf } from '../core/approver-policy.ts'
import type { Deployment } from '../core/deployment.ts'
import { Failure } from '../core/failure.ts'
import { findEnvironment } from '../core/project.ts'
import { oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import type { ReviewOwed } from '../ports/store.ts'
import { reviewState } from '../tools/support/review-owed.ts'
import { timestamp } from '../tools/support/time.ts'
import { approverOf } from './approve.ts'
import { audited } from './audited.ts'
import { keyLabel } from './decide.ts'
import { signAbout } from './sign-statement.ts'

/** A deployment that went around gates, and what became of its review. */
export interface BreakGlass {
  owed: ReviewOwed
  review: ReviewState
  deployment: Deployment | null
  approved_by: string[]
}

/** Emergencies are rare: nothing that is owed falls out of this list. */
const mostRows = 10_000

/** Deployments that went around gates, newest first; `open` leaves out what was reviewed. */
export async function listBreakGlass(
  call: Call,
  { open }: { open: boolean },
): Promise<BreakGlass[]> {
  // What is stored as reviewed may not count, so it is asked of each.
  const rows = await call.store.read((tables) => tables.reviewsOwed.list({ limit: mostRows }))
  const found: BreakGlass[] = []
  for (const owed of rows) found.push(await breakGlassOf(call, owed))
  return open ? found.filter(({ review }) => review.state !== 'reviewed') : found
}

/** One deployment that somebody wants to review. */
export async function breakGlassNamed(call: Call, id: string): Promise<BreakGlass> {
  const owed = await call.store.read((tables) => tables.reviewsOwed.get(id))
  if (owed) return await breakGlassOf(call, owed)
  throw new Failure({
    code: 'unknown_deployment',
    message: `${oneLine(id, 64)} is no deployment that went around gates`,
    hint: 'run gonogo break-glass list',
    details: { field: 'deployment_id' },
  })
}

async function breakGlassOf(call: Call, owed: ReviewOwed): Promise<BreakGlass> {
  const review = await reviewState(call, owed)
  return await call.store.read(async (tables) => {
    const deployment = await tables.deployments.get(owed.deployment_id)
    const id = deployment?.approval_id ?? null
    const approval = id === null ? null : await tables.approvals.get(id)
    const decisions = approval?.decisions ?? []
    const approved = decisions.filter(({ verdict }) => verdict === 'approved')
    return { owed, review, deployment, approved_by: approved.map(({ person }) => person) }
  })
}

export interface Reviewed {
  deployment_id: string
  reviewer: string
  at: string
}

/** Signs that somebody looked at it afterwards: another person than who approved it, where there is one. */
export async function reviewBreakGlass(
  call: Call,
  { owed, review, deployment, approved_by }: BreakGlass,
  { keyFile, comment }: { keyFile: string; comment: string },
): Promise<Reviewed> {
  if (review.state === 'reviewed') throw reviewedBefore(owed, review.reviewer)
  const approver = await approverOf(call, await call.signer.inspect(keyFile))
  await requireSomebodyElse(call, owed, approver.name, approved_by)
  const statement = newReview(call, owed, deployment?.plan_hash ?? '', comment)
  const { deployment_id, environment, gates } = owed
  const details = { gates, comment: statement.comment, reviewer: approver.name }
  const act = {
    operation: 'break_glass_review',
    environment,
    details: { ...details, deployment_id, key: keyLabel(call, approver) },
    correlation_id: deployment_id,
  }
  return await audited(call, act, async () => {
    const signed = await signAbout(call, statement, keyFile)
    const row = {
      review_statement: signed.statement,
      review_signature: signed.signature,
      reviewed_by: approver.name,
      reviewed_at: Date.parse(statement.signed_at),
    }
    await call.store.write((tables) => tables.reviewsOwed.review(deployment_id, row))
    return { deployment_id, reviewer: approver.name, at: statement.signed_at }
  })
}

function newReview(
  call: Call,
  { deployment_id, environment, gates }: ReviewOwed,
  plan_hash: string,
  comment: string,
): ReviewStatement {
  return {
    format: 'gonogo-review-v1',
    id: call.runtime.id('rev'),
    project: call.project.name,
    deployment_id,
    environment,
    plan_hash,
    gates,
    comment: oneLine(comment, 500),
    nonce: call.runtime.id('nonce'),
    signed_at: timestamp(call.runtime.now()),
  }
}

async function requireSomebodyElse(
  call: Call,
  { environment }: ReviewOwed,
  signer: string,
  approvedBy: readonly string[],
): Promise<void> {
  const { approvals } = call.project
  const names = findEnvironment(call.project, environment)?.approvers.people ?? []
  const signers = (await call.approvers.list()).map(({ name }) => name)
  // A review is signed with a key, so those who only have a login could not give it.
  const others = approvingPeople({ policy: approvals, names }, signers, false)
  const person = personOf(approvals, { kind: 'signer', name: signer })
  const problem = reviewerProblem(person, approvedBy, others)
  if (problem === null) return
  throw new Failure({
    code: 'not_permitted',
    message: problem,
    hint: 'ask another approver to run gonogo break-glass review',
  })
}

function reviewedBefore({ deployment_id }: ReviewOwed, reviewer: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `${deployment_id} was reviewed by ${oneLine(reviewer, 80)}`,
    hint: 'run gonogo break-glass list --all to see it',
  })
}
