/** Who may review, as GitHub lists it. */
export interface GitHubReviewer {
  type?: string
  reviewer?: { login?: string; slug?: string; name?: string }
}

/** What a reviewer is called everywhere: a login, or `team:SLUG`; null when GitHub names neither. */
export function reviewerName({ reviewer }: GitHubReviewer): string | null {
  if (reviewer?.login) return reviewer.login
  const team = reviewer?.slug ?? reviewer?.name
  return team ? `team:${team}` : null
}
