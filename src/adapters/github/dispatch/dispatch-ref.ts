import type { Release } from '../../../core/release.ts'
import type { GitHubClient } from '../client/github-client.ts'

interface GitReference {
  /** Such as `refs/heads/main`. */
  ref: string
  object: { sha: string; type: string }
}

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
    const found = (await matching(client, `${kind}/`)).find(
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
  return (await matching(client, other)).some(({ ref }) => ref === `refs/${other}`)
}

/** The tag called like the version. An annotated one is an object of its own that names the commit. */
async function taggedAs(client: GitHubClient, release: Release): Promise<string | null> {
  const ref = `refs/tags/${release.version}`
  const tags = await matching(client, `tags/${release.version}`)
  const tag = tags.find((candidate) => candidate.ref === ref)
  if (tag === undefined) return null
  const sha = tag.object.type === 'tag' ? await peeled(client, release.version) : tag.object.sha
  return sha === release.sha ? ref : null
}

async function peeled(client: GitHubClient, tag: string): Promise<string | null> {
  const answer = await client.find<{ sha: string }>('/commits/{ref}', { ref: `tags/${tag}` })
  return answer?.data.sha ?? null
}

/** GitHub matches by prefix, and answers without pages: what is wanted exactly has to be compared. */
async function matching(client: GitHubClient, ref: string): Promise<GitReference[]> {
  return (await client.get<GitReference[]>('/git/matching-refs/{ref}', { ref })).data
}
