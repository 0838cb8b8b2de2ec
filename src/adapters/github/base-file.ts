import type { BaseFile } from '../../core/base-policy.ts'
import type { GitHubClient } from './client/github-client.ts'
import { defaultBranchOf } from './default-branch.ts'
import { readRepositoryFile } from './repository-file.ts'
import { exactReference } from './source/commits.ts'

/**
 * Reads from what GitHub calls the default branch, whatever the configuration that is judged says. Null
 * when there is no such branch, or it has none of these files.
 */
export async function readBaseFile(
  client: GitHubClient,
  paths: readonly string[],
): Promise<BaseFile | null> {
  const branch = await defaultBranchOf(client)
  const head = await exactReference(client, `heads/${branch}`)
  if (head === null) return null
  const { sha } = head.object
  for (const path of paths) {
    const text = await readRepositoryFile(client, path, sha)
    if (text !== null) return { branch, sha, text }
  }
  return null
}
