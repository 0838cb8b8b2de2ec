import { Failure } from '../../core/failure.ts'
import { productionOf } from '../../core/project.ts'
import { isFullSha, shortVersion } from '../../core/release.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import type { Processes } from '../../ports/process.ts'
import type { Source } from '../../ports/source.ts'
import { observe } from '../../tools/support/observe.ts'

/** A commit, and the words for it. */
export interface End {
  sha: string
  shown: string
}

/** Null: all migrations count. */
export type Beginning = End | null

/** What production runs, unless the caller said something else. */
export async function beginningOf(
  call: Call,
  named: string | undefined,
): Promise<{ from: Beginning; note: string | null }> {
  if (named !== undefined) return { from: await namedBeginning(call.source, named), note: null }
  const environment = productionOf(call.project)
  if (!environment) return { from: null, note: null }
  const { release } = await observe(call, environment)
  if (release === null || !isFullSha(release.sha)) {
    const note = `nobody knows what ${environment.name} runs: name it with --from, or record it with gonogo adopt`
    return { from: null, note }
  }
  const shown = `${release.version} (${environment.name} runs it)`
  return { from: { sha: release.sha, shown }, note: null }
}

/** `none` is a word of ours: nothing was applied yet. */
export async function namedBeginning(
  source: Pick<Source, 'resolve'>,
  named: string,
): Promise<Beginning> {
  return named === 'none' ? null : await resolved(source, named)
}

/** The commit that is checked out, where the source knows it, else the default branch. */
export async function endOf(
  source: Pick<Source, 'resolve' | 'defaultBranch'>,
  named: string | undefined,
  clone: { processes: Processes; directory: string },
): Promise<End> {
  if (named !== undefined) return await resolved(source, named)
  const head = await headOf(clone.processes, clone.directory)
  const found = head === null ? null : await known(source, head)
  if (found !== null) return { ...found, shown: `${shortVersion(found.sha)} (checked out)` }
  return await resolved(source, await source.defaultBranch())
}

async function resolved(source: Pick<Source, 'resolve'>, ref: string): Promise<End> {
  const { sha, version } = await source.resolve(ref)
  const short = shortVersion(sha)
  return { sha, shown: ref === version || version !== short ? version : `${ref} (${short})` }
}

/** A commit that was never pushed is unknown to a source that is elsewhere. */
async function known(source: Pick<Source, 'resolve'>, sha: string): Promise<End | null> {
  try {
    return await resolved(source, sha)
  } catch (error) {
    if (error instanceof Failure && error.code === 'unknown_version') return null
    throw error
  }
}

async function headOf(processes: Processes, directory: string): Promise<string | null> {
  const head = await ask(processes, directory, ['--verify', '--quiet', 'HEAD^{commit}'])
  return isFullSha(head) ? head : null
}

/** The root of the repository somebody stands in. */
export async function rootOf(processes: Processes, directory: string): Promise<string> {
  const root = await ask(processes, directory, ['--show-toplevel'])
  if (root !== '') return root
  throw new Failure({
    code: 'invalid_input',
    message: `${oneLine(directory, 1000)} is in no git repository`,
    hint: 'go to a clone of the repository, or name one with --project DIR',
    details: { field: 'project' },
  })
}

/** The repository's own configuration must not start a program. Empty: git has no answer. */
async function ask(processes: Processes, cwd: string, args: readonly string[]): Promise<string> {
  const safe = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null']
  const run = { cwd, timeoutMs: 10_000 }
  const { exitCode, stdout } = await processes.run(['git', ...safe, 'rev-parse', ...args], run)
  return exitCode === 0 ? new TextDecoder().decode(stdout).replace(/\n$/, '') : ''
}
