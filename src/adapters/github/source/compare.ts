import { Failure } from '../../../core/failure.ts'
import { shortVersion } from '../../../core/release.ts'
import type { Kinship } from '../../../ports/source.ts'
import type { GitHubClient } from '../client/github-client.ts'
import { readCommit } from './commits.ts'

/** How one commit stands to another, as GitHub sees them. */
export async function compare(client: GitHubClient, sha: string, other: string): Promise<Kinship> {
  if (sha === other) return 'same'
  const found = await comparison(client, sha, other)
  if (found === 'ahead') return 'older'
  if (found === 'behind') return 'newer'
  if (found === 'diverged') return 'diverged'
  // GitHub answers alike where the two have nothing in common, and where it does not have one of them.
  for (const one of [sha, other]) await requireCommit(client, one)
  return 'diverged'
}

/** How `head` stands to `base`, in GitHub's words; null when it does not tell. */
export async function comparison(
  client: GitHubClient,
  base: string,
  head: string,
): Promise<string | null> {
  const answer = await client.find<{ status: string }>('/compare/{basehead}', {
    basehead: `${base}...${head}`,
    per_page: 1,
  })
  return answer?.data.status ?? null
}

async function requireCommit(client: GitHubClient, sha: string): Promise<void> {
  if ((await readCommit(client, sha)) !== null) return
  throw new Failure({
    code: 'source_unavailable',
    message: `GitHub has no commit ${shortVersion(sha)}; push it: git push`,
    hint: 'push what is missing: git push',
  })
}
