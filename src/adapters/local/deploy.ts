import type { Step } from '../../core/project.ts'
import type { LocalRunnerDeps } from './deps.ts'
import { openLogFile, type LogFile } from './log-file.ts'
import { problemOf } from './problem.ts'
import {
  createTarget,
  currentName,
  markRelease,
  releaseName,
  releasePath,
  removeOldReleases,
  switchCurrent,
} from './release-directory.ts'
import type { LocalRequest, Progress, RunDirectory } from './run-directory.ts'
import { runStep, stepEnvironment, type StepContext } from './steps.ts'
import { targetOf } from './target.ts'

/** One run as its runner sees it. */
interface Work {
  run: RunDirectory
  request: LocalRequest
  /** Changed as the run goes on, and written down with each change. */
  progress: Progress
  /** Aborts when the run is cancelled. */
  signal: AbortSignal
  deps: LocalRunnerDeps
}

/** Checks the release out, prepares it, makes it current and activates it. Throws where that ends early. */
export async function deploy(work: Work): Promise<void> {
  const { run, request, deps } = work
  const variables = await deps.variables.of(request.environment)
  const log = openLogFile(run.logFile, secretsOf(variables, request))
  try {
    await carryThrough(work, stepEnvironment(deps.baseEnvironment, variables, request), log)
    log.note('succeeded')
  } catch (error) {
    log.note(work.signal.aborted ? 'cancelled' : `failed: ${problemOf(error)}`)
    throw error
  } finally {
    log.close()
  }
}

async function carryThrough(
  work: Work,
  environment: Record<string, string>,
  log: LogFile,
): Promise<void> {
  const { request, signal, deps } = work
  const {
    directory: target,
    prepare,
    activate,
    keep_releases: keep,
  } = targetOf(request.environment)
  const name = releaseName(request.release, request.correlation_id)
  const directory = releasePath(target, name)
  const record: StepContext['record'] = (process) => note(work, { process })
  const { correlation_id: deployment } = request
  const { processes, runtime } = deps
  const context = { processes, runtime, environment, deployment, directory, log, signal, record }

  await checkOut(work, target, directory)
  deps.runtime.reached('runner.exported')
  await runSteps('prepare', prepare, work, context)
  deps.runtime.reached('runner.prepared')
  signal.throwIfAborted()
  const previous = await currentName(target)
  await switchCurrent(target, name)
  await note(work, { switched: true })
  deps.runtime.reached('runner.switched')
  await runSteps('activate', activate, work, context)
  deps.runtime.reached('runner.activated')
  await tidy(target, keep, [name, previous], log)
}

async function checkOut(
  { request, deps, signal }: Work,
  target: string,
  directory: string,
): Promise<void> {
  await createTarget(target)
  signal.throwIfAborted()
  await deps.source.export(request.release.sha, directory)
  const { sha, version } = request.release
  await markRelease(directory, { sha, version, deployment: request.correlation_id })
}

async function runSteps(
  phase: 'prepare' | 'activate',
  steps: readonly Step[],
  work: Work,
  context: StepContext,
): Promise<void> {
  for (const step of steps) {
    work.signal.throwIfAborted()
    await note(work, { step: step.name, process: 'starting' })
    context.log.note(`${phase}: ${step.name}`)
    await runStep(step, context)
  }
  // What goes wrong from here on is not the last step's fault.
  await note(work, { step: null })
}

/** Removing what nobody uses any more is no reason to call a finished deployment failed. */
async function tidy(
  target: string,
  keep: number,
  spared: readonly (string | null)[],
  log: LogFile,
): Promise<void> {
  try {
    await removeOldReleases(target, keep, spared)
  } catch (error) {
    log.note(`old releases were not removed: ${problemOf(error)}`)
  }
}

async function note(work: Work, change: Partial<Progress>): Promise<void> {
  Object.assign(work.progress, change)
  await work.run.writeProgress(work.progress)
}

/** Everything but the configuration's own literals: those are no secrets, anybody can read them there. */
function secretsOf(variables: Record<string, string>, { environment }: LocalRequest): string[] {
  return Object.entries(variables)
    .filter(([name, value]) => environment.env[name] !== value)
    .map(([, value]) => value)
}
