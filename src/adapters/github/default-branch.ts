import type { GitHubClient } from './client/github-client.ts'
import { readRepository } from './repository-view.ts'

/** What GitHub calls the repository's default branch. */
export async function defaultBranchOf(client: GitHubClient): Promise<string> {
  const { data } = await readRepository<{ default_branch: string }>(client)
  return data.default_branch
}
