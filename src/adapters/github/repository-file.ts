import type { GitHubClient } from './client/github-client.ts'

interface FileContents {
  type: string
  encoding?: string
  content?: string
}

/** A text file of a commit, or null when there is none at that path. */
export async function readRepositoryFile(
  client: GitHubClient,
  path: string,
  sha: string,
): Promise<string | null> {
  const answer = await client.find<FileContents>('/contents/{path}', { path, ref: sha })
  const file = answer?.data
  if (file?.type !== 'file' || file.encoding !== 'base64') return null
  return Buffer.from(file.content ?? '', 'base64').toString('utf8')
}
