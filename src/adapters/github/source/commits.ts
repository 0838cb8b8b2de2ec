import { Failure } from '../../../core/failure.ts'
import { failureStatus } from '../failure-status.ts'
import type { GitHubClient } from '../client/github-client.ts'

/** A commit, as far as it is read here. */
export interface CommitFacts {
  sha: string
  commit: { message: string; committer: { date?: string } | null; tree: { sha: string } }
}

export interface GitReference {
  /** Such as `refs/heads/main`. */
  ref: string
  object: { sha: string; type: string }
}

/** The commit of a name or hash; null when there is none, or more than one of a short hash. */
export async function readCommit(client: GitHubClient, ref: string): Promise<CommitFacts | null> {
  const answer = await unless422(() => client.find<CommitFacts>('/commits/{ref}', { ref }))
  return answer?.data ?? null
}

/** GitHub matches by prefix: of `v1` it also finds `v1.1`. */
export async function exactReference(
  client: GitHubClient,
  name: string,
): Promise<GitReference | null> {
  const found = await matchingReferences(client, name)
  return found.find(({ ref }) => ref === `refs/${name}`) ?? null
}

export async function matchingReferences(
  client: GitHubClient,
  prefix: string,
): Promise<GitReference[]> {
  const params = { ref: prefix }
  const route = '/git/matching-refs/{ref}'
  const answer = await unless422(() => client.find<GitReference[]>(route, params))
  return answer?.data ?? []
}

/** GitHub answers 422 where a name cannot be one of a commit, and 409 where there are none at all. */
async function unless422<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (failureStatus(error) === 422) return null
    if (failureStatus(error) !== 409) throw error
    throw new Failure({
      code: 'source_unavailable',
      message: 'the repository on GitHub has no commits',
      hint: 'push a first commit: git push',
      cause: error,
    })
  }
}
