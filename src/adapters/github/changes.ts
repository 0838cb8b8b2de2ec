import {
  mostChanges,
  type Change,
  type Changes,
  type PullRequest,
  type Review,
} from '../../core/change-review.ts'
import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { GitHubClient } from './client/github-client.ts'
import { sideCommits } from './changes-graph.ts'
import { forEach } from './deployments/parallel.ts'
import type { Account } from './payloads.ts'
import { readRepository } from './repository-view.ts'

export interface ChangeRange {
  base: string
  head: string
  signal: AbortSignal
}

const pageSize = 100

interface Comparison {
  total_commits: number
  commits: Commit[]
}

interface Commit {
  sha: string
  commit: { message: string }
  author: Account | null
  parents: { sha: string }[]
}

interface Pull {
  number: number
  merged_at: string | null
  merge_commit_sha: string | null
  user: Account | null
  head: { sha: string }
}

/** The commits between two, and who looked at them before. */
export async function readChanges(
  client: GitHubClient,
  range: ChangeRange,
): Promise<Changes | null> {
  const first = await comparison(client, range, 1)
  if (first === null) return null
  const { total_commits: total } = first
  // Without it nobody knows whether these are all of them.
  if (!Number.isSafeInteger(total)) throw noComparison()
  if (total > mostChanges) return { total, commits: [] }
  const commits = [...first.commits]
  for (let page = 2; commits.length < total; page++) {
    const next = await comparison(client, range, page)
    if (!next || next.commits.length === 0) break
    commits.push(...next.commits)
  }
  const pulls = await pullsOf(client, commits, range)
  const reviews = await reviewsOf(client, pulls, range)
  return { total, commits: commits.map((one) => changeOf(one, pulls, reviews)) }
}

async function comparison(
  client: GitHubClient,
  { base, head, signal }: ChangeRange,
  page: number,
): Promise<Comparison | null> {
  signal.throwIfAborted()
  const params = { basehead: `${base}...${head}`, per_page: pageSize, page }
  return (await client.find<Comparison>('/compare/{basehead}', params))?.data ?? null
}

type PullsBySha = Map<string, Pull[]>

/**
 * Asked for what the branch itself holds. What a merge brought came through a pull request if it merged the
 * very tip of that one, so that the requests are about as many as the pull requests; somebody's own merge
 * may join more, and is called a merge of the pull request, too.
 */
async function pullsOf(
  client: GitHubClient,
  commits: readonly Commit[],
  { head, signal }: ChangeRange,
): Promise<PullsBySha> {
  const found: PullsBySha = new Map()
  const ask = async (shas: readonly string[]) => {
    await forEach(shas, async (sha) => {
      signal.throwIfAborted()
      found.set(sha, await readPulls(client, sha))
    })
  }
  const { mainline, broughtBy } = sideCommits(commits, head)
  await ask(mainline)
  for (const [merge, { side, brought }] of broughtBy) {
    const merged = (found.get(merge) ?? []).filter(
      (pull) => pull.merge_commit_sha === merge && pull.head.sha === side,
    )
    if (merged.length > 0) for (const sha of brought) found.set(sha, merged)
  }
  await ask(commits.map(({ sha }) => sha).filter((sha) => !found.has(sha)))
  return found
}

async function readPulls(client: GitHubClient, commit_sha: string): Promise<Pull[]> {
  const { items } = await client.list<Pull>('/commits/{commit_sha}/pulls', {
    params: { commit_sha },
  })
  return items.filter(({ merged_at }) => Boolean(merged_at))
}

interface ReviewView {
  user: Account | null
  state: string
  commit_id: string | null
  author_association?: string
}

const verdicts: Readonly<Record<string, Review['verdict']>> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes_requested',
  DISMISSED: 'dismissed',
}

async function reviewsOf(
  client: GitHubClient,
  pulls: PullsBySha,
  { signal }: ChangeRange,
): Promise<Map<number, Review[]>> {
  const numbers = [...new Set([...pulls.values()].flat().map(({ number }) => number))]
  const isOpen = numbers.length > 0 && (await isPublic(client))
  const read = await forEach(numbers, async (number) => {
    signal.throwIfAborted()
    return [number, await readReviews(client, number, isOpen)] as const
  })
  return new Map(read)
}

/** Whether anybody at all can approve: elsewhere it takes somebody who was let in. */
async function isPublic(client: GitHubClient): Promise<boolean> {
  return !(await readRepository<{ private: boolean }>(client)).data.private
}

const insiders = ['OWNER', 'MEMBER', 'COLLABORATOR']

/** GitHub lists them in the order they were given. */
async function readReviews(
  client: GitHubClient,
  pull_number: number,
  isOpen: boolean,
): Promise<Review[]> {
  const route = '/pulls/{pull_number}/reviews'
  const { items, truncated } = await client.list<ReviewView>(route, { params: { pull_number } })
  // The last ones decide, and whoever likes can write a thousand.
  if (truncated) throw tooMany(pull_number, items.length)
  return items.flatMap(({ user, state, commit_id, author_association = '' }) =>
    // Whoever that was is gone, and may have been the author.
    user === null
      ? []
      : [
          {
            reviewer: oneLine(user.login, 60),
            isBot: user.type === 'Bot',
            isOutsider: isOpen && !insiders.includes(author_association),
            verdict: verdicts[state] ?? 'other',
            commit: commit_id,
          },
        ],
  )
}

function noComparison(): Failure {
  return new Failure({
    code: 'pipeline_unavailable',
    message: "GitHub's comparison does not say how many commits there are",
    hint: 'gonogo doctor',
    retryable: true,
    details: { status: null },
  })
}

function tooMany(number: number, most: number): Failure {
  return new Failure({
    code: 'pipeline_refused',
    message: `#${number} has more than ${most} reviews, so that the last ones are not known: have a person look at it`,
    hint: 'deploy a version in between, so that the pull request is no part of the change',
    details: { status: null },
  })
}

function changeOf(
  { sha, commit, author, parents }: Commit,
  pulls: PullsBySha,
  reviews: ReadonlyMap<number, Review[]>,
): Change {
  return {
    sha,
    subject: oneLine(commit.message.split('\n', 1)[0] ?? '', 120),
    author: loginOf(author),
    isMerge: parents.length > 1,
    pulls: (pulls.get(sha) ?? []).map(({ number, user, head }): PullRequest => ({
      number,
      author: loginOf(user),
      head: head.sha,
      reviews: reviews.get(number) ?? [],
    })),
  }
}

/** GitHub gives an empty object where it knows nobody. */
function loginOf(account: Account | null): string | null {
  return account?.login ? oneLine(account.login, 60) : null
}
