import { join } from 'node:path'
import { Failure } from '../../core/failure.ts'
import { requireRefText, requireSha } from '../../core/ref-text.ts'
import type { Source, SourceFile } from '../../ports/source.ts'
import type { GitHubClient } from './client/github-client.ts'
import { defaultBranchOf } from './default-branch.ts'
import { exactReference, readCommit } from './source/commits.ts'
import { compare, comparison } from './source/compare.ts'
import { exportSnapshot } from './source/export.ts'
import { resolveOnGitHub, unknownOnGitHub } from './source/resolve.ts'
import { openSnapshot, type Snapshot } from './source/snapshot.ts'

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
    compare: async (sha, other) => compare(client, requireSha(sha), requireSha(other)),
    async tree(sha) {
      const local = await clone(sha)
      if (local?.tree) return local.tree(sha)
      return (await readCommit(client, sha))?.commit.tree.sha ?? null
    },
    async paths(sha) {
      const local = await clone(sha)
      if (local) return local.paths(sha)
      return regular(await snapshot(sha)).map(({ path }) => path)
    },
    async *files(sha, wanted = () => true) {
      const local = await clone(sha)
      if (local) return yield* local.files(sha, wanted)
      yield* filesOf(await snapshot(sha), wanted)
    },
    async readFile(sha, path) {
      const local = await clone(sha)
      return local ? local.readFile(sha, path) : readFrom(await snapshot(sha), path)
    },
    async export(sha, directory) {
      const local = await clone(sha)
      if (local) return local.export(sha, directory)
      await exportSnapshot(await snapshot(sha), directory)
    },
  }
}

async function readFrom({ entries, read }: Snapshot, path: string): Promise<Uint8Array | null> {
  const entry = entries.find((one) => one.path === path && one.kind !== 'link')
  return entry ? read(entry) : null
}

function regular({ entries }: Snapshot): Snapshot['entries'] {
  return entries.filter(({ kind }) => kind !== 'link')
}

async function* filesOf(
  snapshot: Snapshot,
  wanted: (path: string) => boolean,
): AsyncGenerator<SourceFile> {
  for (const entry of regular(snapshot)) {
    const { path, size } = entry
    if (wanted(path))
      yield { path, content: size > largestFile ? null : await snapshot.read(entry) }
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
  const found = await comparison(client, sha, tip.object.sha)
  return found === 'ahead' || found === 'identical'
}
