import { Failure } from '../../core/failure.ts'
import type { Source } from '../../ports/source.ts'
import { compare, isBelow, requireWholeHistory } from './ancestry.ts'
import { exportTree } from './export.ts'
import { gitOpener, type Git, type GitDeps } from './git.ts'
import { requireRefText, requireSha } from '../../core/ref-text.ts'
import { findBranch } from './refs.ts'
import { resolveRef, unknown } from './resolve.ts'
import { listTree, readBlobs, readFiles } from './tree.ts'

export interface GitSourceDeps extends GitDeps {
  /** The branch releases must be reachable from; null: what the repository says. */
  defaultBranch: string | null
}

/** A source over a git repository on disk. Nothing it does writes there or reaches the network. */
export function createGitSource(deps: GitSourceDeps): Source {
  const open = gitOpener(deps)
  return {
    resolve: async (ref) => {
      requireRefText(ref)
      return resolveRef(await open(), ref)
    },
    defaultBranch: async () => deps.defaultBranch ?? headBranch(await open()),
    isAncestor: async (sha, branch) => isAncestor(await open(), requireSha(sha), branch),
    compare: async (sha, other) => compare(await open(), requireSha(sha), requireSha(other)),
    tree: async (sha) => (await open()).text(['rev-parse', `${requireSha(sha)}^{tree}`]),
    async paths(sha) {
      const entries = await listTree(await open(), requireSha(sha))
      return entries.map(({ path }) => path)
    },
    async *files(sha, wanted = () => true) {
      const git = await open()
      const entries = await listTree(git, requireSha(sha))
      yield* readFiles(
        git,
        entries.filter(({ path }) => wanted(path)),
      )
    },
    readFile: async (sha, path) => readFile(await open(), requireSha(sha), path),
    export: async (sha, directory) => exportTree(await open(), requireSha(sha), directory),
  }
}

/** What origin calls its default branch, else the branch that is checked out. */
export async function headBranch(git: Git): Promise<string> {
  for (const head of ['refs/remotes/origin/HEAD', 'HEAD']) {
    const { exitCode, text } = await git.ask(['symbolic-ref', '--quiet', head])
    if (exitCode === 0) return text.replace(/^refs\/(?:heads|remotes\/origin)\//, '')
  }
  throw new Failure({
    code: 'source_unavailable',
    message: 'cannot tell the default branch: HEAD is detached and origin names none',
    hint: 'set default_branch in gonogo.yaml',
  })
}

/** The local branch and the fetched one both count: either may be ahead of the other. */
async function isAncestor(git: Git, sha: string, branch: string): Promise<boolean> {
  requireRefText(branch)
  const heads = await findBranch(git, branch)
  if (heads.length === 0) throw await unknown(git, branch)
  for (const head of heads) {
    if (await isBelow(git, sha, head.sha)) return true
  }
  await requireWholeHistory(git)
  return false
}

export async function readFile(git: Git, sha: string, path: string): Promise<Uint8Array | null> {
  // git would read "a/" as everything below it and "../a" relative to a work tree.
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) return null
  const entry = (await listTree(git, sha, path)).find((file) => file.path === path)
  if (entry === undefined) return null
  return (await readBlobs(git, [entry])).get(entry.object) ?? null
}
