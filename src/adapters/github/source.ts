import { join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import { requireRefText, requireSha } from '../../core/ref-text.ts'
import type { Source } from '../../ports/source.ts'
import type { GitHubClient } from './client/github-client.ts'
import { defaultBranchOf } from './default-branch.ts'
import { exactReference } from './source/commits.ts'
import { exportSnapshot } from './source/export.ts'
import { resolveOnGitHub, unknownOnGitHub } from './source/resolve.ts'
import { openSnapshot } from './source/snapshot.ts'

export interface GitHubSourceDeps {
  client: GitHubClient
  /** A clone, for what it has; null without one. */
  contents: Source | null
  /** The branch releases must be reachable from; null: what GitHub says. */
  defaultBranch: string | null
  /** Absolute path; downloaded commits are kept in `github/commits/` below it. */
  stateDirectory: string
}

/** Files above this size are listed and not read, as in every source. */
const largestFile = 5 * 1024 * 1024

/**
 * A source whose names are those of GitHub, which is where the workflow finds the commit. The files of
 * a commit come from the clone when it has them, else from GitHub. Neither has what Git LFS keeps
 * elsewhere, nor submodules.
 */
export function createGitHubSource(deps: GitHubSourceDeps): Source {
  const { client, contents } = deps
  const defaultBranch = async () => deps.defaultBranch ?? (await defaultBranchOf(client))
  const snapshot = (sha: string) =>
    openSnapshot(client, join(deps.stateDirectory, 'github', 'commits'), sha)
  const clone = (sha: string) => cloneWith(contents, requireSha(sha))
  return {
    defaultBranch,
    async resolve(ref) {
      requireRefText(ref)
      return resolveOnGitHub(client, ref, defaultBranch)
    },
    isAncestor: async (sha, branch) => isAncestor(client, requireSha(sha), branch),
    async *files(sha) {
      const local = await clone(sha)
      if (local) return yield* local.files(sha)
      const { entries, read } = await snapshot(sha)
      for (const entry of entries) {
        if (entry.kind === 'link') continue
        yield { path: entry.path, content: entry.size > largestFile ? null : await read(entry) }
      }
    },
    async readFile(sha, path) {
      const local = await clone(sha)
      if (local) return local.readFile(sha, path)
      const { entries, read } = await snapshot(sha)
      const entry = entries.find((one) => one.path === path && one.kind !== 'link')
      return entry ? read(entry) : null
    },
    async export(sha, directory) {
      const local = await clone(sha)
      if (local) return local.export(sha, directory)
      await exportSnapshot(await snapshot(sha), directory)
    },
  }
}

/** The clone, when it has the commit. One that is missing or out of date is no reason to fail. */
async function cloneWith(contents: Source | null, sha: string): Promise<Source | null> {
  try {
    await contents?.resolve(sha)
    return contents
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return null
  }
}

/** The tip is resolved first, because a tag could be called like the branch. */
async function isAncestor(client: GitHubClient, sha: string, branch: string): Promise<boolean> {
  requireRefText(branch)
  const tip = await exactReference(client, `heads/${branch}`)
  if (tip === null) throw await unknownOnGitHub(client, branch)
  const answer = await client.find<{ status: string }>('/compare/{basehead}', {
    basehead: `${sha}...${tip.object.sha}`,
    per_page: 1,
  })
  return answer !== null && ['ahead', 'identical'].includes(answer.data.status)
}
