import type { BaseFile } from '../../core/base-policy.ts'
import { openGit, type Git, type GitDeps } from './git.ts'
import { findBranch } from './refs.ts'
import { headBranch, readFile } from './source.ts'

/**
 * Reads from the branch that origin was last seen to have, because nobody changes that one alone. Null when
 * there is no such branch, or it has none of these files: a branch of this clone protects nothing, since
 * whoever edits the file can commit it there.
 */
export async function readBaseFile(
  deps: GitDeps & { defaultBranch: string | null },
  paths: readonly string[],
): Promise<BaseFile | null> {
  const git = await openGit(deps)
  if ((await git.text(['for-each-ref', '--count=1', 'refs/remotes/origin'])) === '') return null
  const branch = await baseBranch(git, deps.defaultBranch)
  const heads = await findBranch(git, branch)
  const head = heads.find(({ name }) => name.startsWith('refs/remotes/'))
  if (!head) return null
  for (const path of paths) {
    const content = await readFile(git, head.sha, path)
    if (content) return { branch, sha: head.sha, text: new TextDecoder().decode(content) }
  }
  return null
}

/** What origin calls its default branch decides: the configuration that is judged must not choose its judge. */
async function baseBranch(git: Git, configured: string | null): Promise<string> {
  const { exitCode } = await git.ask(['symbolic-ref', '--quiet', 'refs/remotes/origin/HEAD'])
  return exitCode === 0 || configured === null ? headBranch(git) : configured
}
