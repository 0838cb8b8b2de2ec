/**
 * Exactly what an approver signs to review a deployment that went around gates, as canonical JSON. Signed in
 * the namespace of trusted policies; its format is what no other statement there has.
 */
export type ReviewStatement = {
  format: 'gonogo-review-v1'
  id: string
  project: string
  deployment_id: string
  environment: string
  plan_hash: string
  /** What was set aside. */
  gates: string[]
  /** What the reviewer says about it. */
  comment: string
  nonce: string
  /** RFC 3339, UTC. */
  signed_at: string
}

/** Where the review of a deployment stands. */
export type ReviewState =
  | { state: 'owed' }
  | { state: 'reviewed'; reviewer: string; comment: string; at: string }
  /** What is stored as a review does not count, so it is still owed. */
  | { state: 'unverified'; problem: string }

/** The statement of a text that is a review of this deployment; else what is wrong with it. */
export function readReview(
  text: string,
  about: { project: string; deployment_id: string; plan_hash: string },
): { review: ReviewStatement } | { problem: string } {
  const review = parsed(text)
  if (review?.format !== 'gonogo-review-v1') return { problem: 'what is stored is no review' }
  if (review.project !== about.project) return { problem: 'it was signed for another project' }
  if (review.deployment_id !== about.deployment_id || review.plan_hash !== about.plan_hash)
    return { problem: 'it was signed about another deployment' }
  return { review }
}

function parsed(text: string): ReviewStatement | null {
  try {
    return JSON.parse(text) as ReviewStatement | null
  } catch {
    return null
  }
}

/**
 * Why a person may not review a deployment, or null: who approved it has said their word, as long as there
 * is anybody else.
 */
export function reviewerProblem(
  reviewer: string,
  approvedBy: readonly string[],
  others: readonly string[],
): string | null {
  const somebodyElse = others.some((person) => !approvedBy.includes(person))
  if (!approvedBy.includes(reviewer) || !somebodyElse) return null
  return `${reviewer} approved it, and others could review it`
}
