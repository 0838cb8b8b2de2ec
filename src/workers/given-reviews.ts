import { failed, passed, type Check } from '../core/check.ts'
import type { GivenReview } from '../ports/pipeline.ts'
import { patiently } from './patiently.ts'
import type { StepCheck, StepRequest } from './step.ts'

/** Marks what people said of a run to the pipeline itself: no gate relies on it. */
const reviewSubject = 'review'

/** Reviews that the pipeline waited for and got, as evidence of the deployment. */
export async function givenReviews({ deployment, pipeline }: StepRequest): Promise<StepCheck[]> {
  const given = await patiently(deployment, async () => pipeline.reviews?.given(deployment))
  const { environment } = deployment
  return (given ?? []).map((review) => {
    const check = checkOf(`${pipeline.kind}_review`, review)
    return { check, environment, subject: reviewSubject }
  })
}

function checkOf(name: string, { verdict, reviewer, environments, comment }: GivenReview): Check {
  const message = `${reviewer ?? 'somebody'} ${verdict} ${environments.join(', ')}`
  const details = { reviewer, verdict, environments, comment }
  return verdict === 'approved' ? passed(name, message, details) : failed(name, message, details)
}
