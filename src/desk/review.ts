import { isUnderWay, type Deployment } from '../core/deployment.ts'
import { Failure } from '../core/failure.ts'
import { oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import type { PendingReview, PipelineReviews, ReviewDecision } from '../ports/pipeline.ts'
import { storeObserved } from '../tools/support/observed.ts'
import { audited } from './audited.ts'

/** A deployment whose run waits for a person on the platform itself. */
export interface WaitingReview {
  deployment: Deployment
  /** One per environment of the platform. */
  reviews: PendingReview[]
}

export interface WaitingReviews {
  waiting: WaitingReview[]
  /** Why what others started could not be read, in one line; null when it was. */
  problem: string | null
}

/** What has waited for longer than so many newer deployments is not asked about. */
const most = 50

/** Deployments whose run waits for somebody, also those that somebody else started. */
export async function listReviews(call: Call): Promise<WaitingReviews> {
  const pipeline = call.pipeline?.reviews
  if (!pipeline) return { waiting: [], problem: null }
  const { problem } = await storeObserved(call)
  const { rows } = await call.store.read((tables) => tables.deployments.list({ limit: most }))
  const open = rows.filter((row) => isUnderWay(row) && row.run_id !== null)
  const found = await Promise.all(open.map((deployment) => waitingOf(pipeline, deployment)))
  return { waiting: found.filter(({ reviews }) => reviews.length > 0), problem }
}

/** What one deployment waits for; fails when it waits for nobody. */
export async function waitingReview(call: Call, id: string): Promise<WaitingReview> {
  const pipeline = reviewsOf(call)
  const deployment = await call.store.read((tables) => tables.deployments.get(id))
  if (deployment === null) {
    throw new Failure({
      code: 'unknown_deployment',
      message: `there is no deployment "${oneLine(id, 64)}"`,
      hint: 'run gonogo review list to see what waits',
    })
  }
  const waiting = isUnderWay(deployment) ? await waitingOf(pipeline, deployment) : null
  if (waiting && waiting.reviews.length > 0) return waiting
  throw new Failure({
    code: 'unknown_approval',
    message: `${id} waits for no review (it is ${deployment.status})`,
    hint: `run gonogo status ${id} to see where it stands`,
  })
}

export interface Reviewed {
  deployment_id: string
  environment: string
  verdict: ReviewDecision['verdict']
  /** Who the platform says has reviewed. */
  reviewer: string
}

/** Reviews as the person whose token it is. The comment is logged, the token is not. */
export async function decideReview(
  call: Call,
  { deployment, reviews }: WaitingReview,
  decision: ReviewDecision,
): Promise<Reviewed> {
  const { id, environment, run_id, release } = deployment
  const { verdict } = decision
  const comment = oneLine(decision.comment, 300)
  const places = reviews.map((review) => review.environment)
  const details = { verdict, comment, run_id, version: release.version, environments: places }
  const act = { operation: 'review', environment, details, correlation_id: id }
  return await audited(
    call,
    act,
    async () => {
      const { reviewer } = await reviewsOf(call).decide(deployment, { ...decision, comment })
      return { deployment_id: id, environment, verdict, reviewer }
    },
    ({ reviewer }) => ({ reviewer }),
  )
}

async function waitingOf(
  pipeline: PipelineReviews,
  deployment: Deployment,
): Promise<WaitingReview> {
  return { deployment, reviews: await pipeline.pending(deployment) }
}

function reviewsOf({ pipeline }: Call): PipelineReviews {
  if (pipeline?.reviews) return pipeline.reviews
  throw new Failure({
    code: 'no_pipeline_configured',
    message: pipeline
      ? `the pipeline "${pipeline.kind}" never waits for a review`
      : 'no pipeline is configured, so no run waits for a review',
    hint: 'reviews are those of GitHub environments (docs/github.md); requests are decided with gonogo approve',
  })
}
