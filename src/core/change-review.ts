import { oneLine } from './text.ts'

/** More than a deployment brings in practice: each commit may cost a request. */
export const mostChanges = 500

/** The commits that a release brings, and how each of them was reviewed. */
export interface Changes {
  /** How many there are; when it is more than `mostChanges`, none of them was looked at. */
  total: number
  commits: Change[]
}

export interface Change {
  sha: string
  /** Untrusted text. */
  subject: string
  /** Login of who wrote it; null when the platform does not know. */
  author: string | null
  /** It joins two lines of commits: who made it wrote nothing. */
  isMerge: boolean
  /** Merged ones that brought it; empty: it was pushed. */
  pulls: PullRequest[]
}

export interface PullRequest {
  number: number
  /** Null: the account is gone. */
  author: string | null
  /** The commit that was merged. */
  head: string
  /** Oldest first. */
  reviews: Review[]
}

export interface Review {
  reviewer: string
  isBot: boolean
  /** Of a repository that everybody may review, and none of its people as far as is known. */
  isOutsider: boolean
  verdict: 'approved' | 'changes_requested' | 'dismissed' | 'other'
  /** What was looked at; null when that is not told. */
  commit: string | null
}

export type ReviewGap =
  | 'no_pull_request'
  | 'not_approved'
  | 'own_approval'
  | 'bot_approval'
  | 'outsider_approval'

export interface ReviewException {
  sha: string
  subject: string
  author: string | null
  pull: number | null
  gap: ReviewGap
}

export interface ReviewVerdict {
  exceptions: ReviewException[]
  /** Approved, and pushed to after that. */
  stale: number[]
  /** By number: who else approved it. */
  approvals: Record<string, string[]>
}

/** Which commits another person has approved. An approval by who wrote part of it, or by a bot, is none. */
export function judgeChanges({ commits }: Changes): ReviewVerdict {
  const pulls = new Map(commits.flatMap((one) => one.pulls.map((pull) => [pull.number, pull])))
  const judged = new Map([...pulls].map(([number, pull]) => [number, judgePull(pull, commits)]))
  const approved = [...judged].filter(([, { by }]) => by.length > 0)
  return {
    exceptions: commits.flatMap((one) => exceptionOf(one, judged)),
    stale: approved.filter(([, { fresh }]) => !fresh).map(([number]) => number),
    approvals: Object.fromEntries(approved.map(([number, { by }]) => [number, by])),
  }
}

interface PullVerdict {
  by: string[]
  /** Somebody approved what was merged, and not only an earlier state. */
  fresh: boolean
  gap: ReviewGap
}

function judgePull(pull: PullRequest, commits: readonly Change[]): PullVerdict {
  const isPart = ({ pulls }: Change) => pulls.some(({ number }) => number === pull.number)
  const wrote = commits.filter((one) => !one.isMerge && isPart(one))
  const authors = [pull.author, ...wrote.map(({ author }) => author)].map(folded)
  const approvals = latest(pull.reviews).filter(({ verdict }) => verdict === 'approved')
  const people = approvals.filter(({ isBot }) => !isBot)
  const strangers = people.filter(({ reviewer }) => !authors.includes(folded(reviewer)))
  const others = strangers.filter(({ isOutsider }) => !isOutsider)
  return {
    by: others.map(({ reviewer }) => reviewer),
    fresh: others.some(({ commit }) => commit === pull.head),
    gap: gapOf({ strangers, people, approvals }),
  }
}

/** Why an approval that is there does not count. */
function gapOf(found: Record<'strangers' | 'people' | 'approvals', readonly Review[]>): ReviewGap {
  if (found.strangers.length > 0) return 'outsider_approval'
  if (found.people.length > 0) return 'own_approval'
  return found.approvals.length > 0 ? 'bot_approval' : 'not_approved'
}

/** Of each reviewer the last one that decides something; a comment takes nothing back. */
function latest(reviews: readonly Review[]): Review[] {
  const deciding = reviews.filter(({ verdict }) => verdict !== 'other')
  return [...new Map(deciding.map((review) => [folded(review.reviewer), review])).values()]
}

function folded(login: string | null): string | null {
  return login === null ? null : login.toLowerCase()
}

function exceptionOf(
  { sha, subject, author, pulls }: Change,
  judged: ReadonlyMap<number, PullVerdict>,
): ReviewException[] {
  const [pull] = pulls
  const about = { sha, subject: oneLine(subject, 80), author }
  if (pull === undefined) return [{ ...about, pull: null, gap: 'no_pull_request' }]
  if (pulls.some(({ number }) => (judged.get(number)?.by.length ?? 0) > 0)) return []
  return [{ ...about, pull: pull.number, gap: judged.get(pull.number)?.gap ?? 'not_approved' }]
}

const describing: Record<ReviewGap, string> = {
  no_pull_request: 'came without a pull request',
  not_approved: 'was approved by nobody',
  own_approval: 'was approved by its own author only',
  bot_approval: 'was approved by a bot only',
  outsider_approval: 'was approved only by somebody who is no known member or collaborator',
}

const shownParts = 3

/** What was not reviewed, in one line: a pull request once, whatever it holds. */
export function exceptionText(exceptions: readonly ReviewException[]): string {
  const parts = Map.groupBy(exceptions, ({ pull, sha }) => (pull === null ? sha : `#${pull}`))
  const texts = [...parts].map(([key, [first]]) => {
    const name = first?.pull === null ? `${key.slice(0, 12)} (${oneLine(first.subject, 40)})` : key
    return `${name} ${describing[first?.gap ?? 'not_approved']}`
  })
  const more = texts.length - shownParts
  return [...texts.slice(0, shownParts), ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}
