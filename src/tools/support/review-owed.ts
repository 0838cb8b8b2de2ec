import { readReview, type ReviewState } from '../../core/break-glass.ts'
import type { Call, Context } from '../../ports/context.ts'
import type { ReviewOwed, Tables } from '../../ports/store.ts'
import type { Planned } from './planned.ts'
import { verifiedStatement } from './signed-statement.ts'

/** Writes down, with the deployment itself, that it went around gates and somebody has to look at it. */
export async function oweReview(
  call: Call,
  tables: Tables,
  { plan, set_aside }: Planned,
  deployment_id: string,
): Promise<void> {
  if (!plan.skips.includes('break_glass')) return
  await tables.reviewsOwed.insert({
    deployment_id,
    environment: plan.environment,
    gates: set_aside,
    reason: plan.reason ?? '',
    owed_since: call.runtime.now(),
    review_statement: null,
    review_signature: null,
    reviewed_by: null,
    reviewed_at: null,
  })
}

/** Where a review stands, judged anew: a row that merely says "reviewed" is still owed. */
export async function reviewState(context: Context, owed: ReviewOwed): Promise<ReviewState> {
  const { review_statement: statement, review_signature: signature, deployment_id } = owed
  if (statement === null || signature === null)
    return owed.reviewed_at === null
      ? { state: 'owed' }
      : { state: 'unverified', problem: 'nobody signed it' }
  const deployment = await context.store.read((tables) => tables.deployments.get(deployment_id))
  const plan_hash = deployment?.plan_hash ?? ''
  const read = readReview(statement, { project: context.project.name, deployment_id, plan_hash })
  if ('problem' in read) return { state: 'unverified', problem: read.problem }
  const verdict = await verifiedStatement(context, statement, signature)
  if ('problem' in verdict) return { state: 'unverified', problem: verdict.problem }
  const { comment, signed_at: at } = read.review
  return { state: 'reviewed', reviewer: verdict.approver, comment, at }
}

/** More than this is not told at once. */
const mostTold = 100

/**
 * Deployments whose review is owed, newest first. What is stored as reviewed is verified for those of
 * `ids`; `gonogo break-glass list` does it for all.
 */
export async function reviewsOwed(context: Context, ids: readonly string[]): Promise<ReviewOwed[]> {
  const { open: found, reviewed } = await context.store.read(async (tables) => {
    const known: ReviewOwed[] = []
    for (const id of ids) {
      const owed = await tables.reviewsOwed.get(id)
      if (owed && owed.reviewed_at !== null) known.push(owed)
    }
    const open = await tables.reviewsOwed.list({ open: true, limit: mostTold })
    return { open, reviewed: known }
  })
  for (const owed of reviewed) {
    if ((await reviewState(context, owed)).state !== 'reviewed') found.push(owed)
  }
  return found
}

/** The same for one deployment; null when nothing is owed. */
export async function reviewOwedFor(context: Context, id: string): Promise<ReviewOwed | null> {
  const owed = await context.store.read((tables) => tables.reviewsOwed.get(id))
  if (!owed || (await reviewState(context, owed)).state === 'reviewed') return null
  return owed
}
