import type { Release } from '../../../core/release.ts'
import type { GitHubClient } from '../client/github-client.ts'
import { exactReference, matchingReferences, readCommit } from '../source/commits.ts'

/** The tip of a branch, and GitHub's clock; null when there is no such branch. */
export async function branchTip(
  client: GitHubClient,
  branch: string,
): Promise<{ sha: string; date: number | null } | null> {
  const answer = await client.find<{ commit: { sha: string } }>('/branches/{branch}', { branch })
  return answer && { sha: answer.data.commit.sha, date: answer.date }
}

/** A branch or tag that is exactly this commit, as a full ref; null when there is none. */
export async function refPointingAt(
  client: GitHubClient,
  release: Release,
): Promise<string | null> {
  const named = await taggedAs(client, release)
  if (named !== null) return named
  for (const kind of ['heads', 'tags']) {
    const found = (await matchingReferences(client, `${kind}/`)).find(
      ({ object }) => object.sha === release.sha,
    )
    if (found) return found.ref
  }
  return null
}

/** Whether a branch has the name of a tag, or the other way round: a start names it without its kind. */
export async function isAmbiguous(client: GitHubClient, fullRef: string): Promise<boolean> {
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(fullRef) ?? []
  const other = `${kind === 'heads' ? 'tags' : 'heads'}/${name}`
  return (await exactReference(client, other)) !== null
}

/** The tag called like the version. An annotated one is an object of its own that names the commit. */
async function taggedAs(client: GitHubClient, release: Release): Promise<string | null> {
  const tag = await exactReference(client, `tags/${release.version}`)
  if (tag === null) return null
  const { sha, type } = tag.object
  const commit = type === 'tag' ? (await readCommit(client, `tags/${release.version}`))?.sha : sha
  return commit === release.sha ? tag.ref : null
}
