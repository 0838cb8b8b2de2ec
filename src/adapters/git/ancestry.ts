import { Failure } from '../../core/failure.ts'
import { shortVersion } from '../../core/release.ts'
import type { Kinship } from '../../ports/source.ts'
import type { Git } from './git.ts'

/** How one commit stands to another. */
export async function compare(git: Git, sha: string, other: string): Promise<Kinship> {
  if (sha === other) return 'same'
  if (await isBelow(git, sha, other)) return 'older'
  if (await isBelow(git, other, sha)) return 'newer'
  await requireWholeHistory(git)
  return 'diverged'
}

/** Whether a commit is another one's ancestor, as far as the history is here. */
export async function isBelow(git: Git, sha: string, descendant: string): Promise<boolean> {
  const { exitCode } = await git.ask(['merge-base', '--is-ancestor', sha, descendant])
  if (exitCode === 0) return true
  if (exitCode === 1) return false
  await requireWholeHistory(git)
  throw await missingHistory(git, [sha, descendant])
}

/** Where a shallow clone ends, "no ancestor" only means that nobody knows. */
export async function requireWholeHistory(git: Git): Promise<void> {
  if ((await git.text(['rev-parse', '--is-shallow-repository'])) !== 'true') return
  throw new Failure({
    code: 'source_unavailable',
    message: 'the clone is shallow, so its history does not tell',
    hint: 'git fetch --unshallow',
  })
}

async function missingHistory(git: Git, commits: readonly string[]): Promise<Failure> {
  const missing: string[] = []
  for (const sha of commits) {
    const { exitCode } = await git.ask(['cat-file', '-e', `${sha}^{commit}`])
    if (exitCode !== 0) missing.push(sha)
  }
  const what =
    missing[0] === undefined ? 'part of its history' : `commit ${shortVersion(missing[0])}`
  return new Failure({
    code: 'source_unavailable',
    message: `the clone lacks ${what}`,
    hint: 'git fetch --tags',
  })
}
