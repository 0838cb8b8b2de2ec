import { isPortablePath } from './safe-path.ts'
import type { GitHubClient } from '../client/github-client.ts'
import { sourceProblem } from './source-problem.ts'

/** A file or symbolic link of a commit; submodules have no content of their own. */
export interface TreeEntry {
  path: string
  kind: 'file' | 'executable' | 'link'
  /** Hash of the content, as git computes it. */
  object: string
  size: number
}

interface GitHubTree {
  truncated: boolean
  tree: { path: string; mode: string; type: string; sha: string; size?: number }[]
}

const kinds: Readonly<Record<string, TreeEntry['kind']>> = {
  '100644': 'file',
  '100664': 'file',
  '100755': 'executable',
  '120000': 'link',
}

const mostBytes = 1024 * 1024 * 1024

/** What a commit holds, from its tree: what a commit says about archives of itself cannot change it. */
export async function readTree(client: GitHubClient, sha: string): Promise<TreeEntry[]> {
  const params = { tree_sha: sha, recursive: '1' }
  const answer = await client.find<GitHubTree>('/git/trees/{tree_sha}', params)
  if (answer === null) throw sourceProblem(`GitHub has no commit ${sha}`)
  const { truncated, tree } = answer.data
  if (truncated) throw sourceProblem('the commit has more files than GitHub lists at once')
  const entries = tree.flatMap(({ path, mode, sha: object, size = 0 }) => {
    const kind = kinds[mode]
    return kind === undefined ? [] : [{ path, kind, object, size }]
  })
  const odd = entries.find(({ path }) => !isPortablePath(path))
  if (odd) throw sourceProblem(`the commit has a file at ${JSON.stringify(odd.path)}`)
  const bytes = entries.reduce((sum, { size }) => sum + size, 0)
  if (bytes > mostBytes) throw sourceProblem('the commit is larger than 1 GB')
  return entries
}
