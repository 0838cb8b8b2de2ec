import { compareVersions } from '../../../core/versions.ts'
import { toFailure } from '../../../core/failure.ts'
import type { GitHubClient } from '../client/github-client.ts'
import { failureStatus } from '../failure-status.ts'
import { readRepository } from '../repository-view.ts'

/** The repository's tags. */
export interface Tags {
  /** The commit of a tag. */
  commits: ReadonlyMap<string, string>
  /** The tag of a commit: the newest version where there are several. */
  names: ReadonlyMap<string, string>
}

interface GitHubTag {
  name: string
  commit: { sha: string }
}

/** GitHub gives the commit of an annotated tag here, not the tag object. */
export async function readTags(client: GitHubClient): Promise<Tags> {
  // Asked first of all, so a repository that is not shown is told as such here.
  const { items } = await client.list<GitHubTag>('/tags').catch(async (error: unknown) => {
    if (failureStatus(toFailure(error)) === 404) await readRepository(client)
    throw error
  })
  const commits = new Map(items.map(({ name, commit }) => [name, commit.sha]))
  const names = new Map<string, string>()
  for (const [name, sha] of commits) {
    const other = names.get(sha)
    if (other === undefined || compareVersions(other, name) < 0) names.set(sha, name)
  }
  return { commits, names }
}
