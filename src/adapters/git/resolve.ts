import { Failure } from '../../core/failure.ts'
import { shortVersion, type ResolvedRef } from '../../core/release.ts'
import { ambiguousRef, unknownRef, type RefCandidate } from '../../core/ref-text.ts'
import { oneLine } from '../../core/text.ts'
import type { Git } from './git.ts'
import { findCommits, listNames, shortName } from './refs.ts'

/** The one commit a valid ref names. */
export async function resolveRef(git: Git, ref: string): Promise<ResolvedRef> {
  const found = await findCommits(git, ref)
  const [only] = found
  if (only === undefined) throw await unknown(git, ref)
  if (found.length > 1) throw ambiguousRef(ref, found)
  return describe(git, ref, only)
}

async function describe(git: Git, ref: string, named: RefCandidate): Promise<ResolvedRef> {
  // rev-list, because `git log` would run what log.showSignature configures.
  const facts = await git.text(['rev-list', '--max-count=1', '--format=%ct%n%s', named.sha])
  const [, seconds, subject = ''] = facts.split('\n')
  return {
    sha: named.sha,
    version: named.kind === 'tag' ? shortName(named.name) : shortVersion(named.sha),
    git_ref: ref,
    kind: named.kind,
    committed_at: new Date(Number(seconds) * 1000).toISOString(),
    subject: oneLine(subject),
  }
}

/** Why nothing has this name. */
export async function unknown(git: Git, ref: string): Promise<Failure> {
  const names = await listNames(git)
  if (names.length === 0 && (await hasNoCommits(git))) {
    return new Failure({
      code: 'source_unavailable',
      message: 'the git repository has no commits',
      hint: 'make a first commit: git commit',
    })
  }
  return unknownRef(ref, names, { where: 'here', update: 'fetch what is new: git fetch --tags' })
}

async function hasNoCommits(git: Git): Promise<boolean> {
  const { exitCode } = await git.ask(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])
  return exitCode !== 0
}
