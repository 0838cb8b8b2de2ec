import { Failure } from '../../core/failure.ts'
import type { Run, RunRequest } from '../../ports/pipeline.ts'
import type { LocalPipelineDeps } from './deps.ts'
import { findRun } from './find-run.ts'
import { problemOf } from './problem.ts'
import type { RunDirectory } from './run-directory.ts'
import { targetOf } from './target.ts'

/** How long a runner may take to claim its run; far more than a process needs to start. */
const claimMs = 10_000

/**
 * Makes a run exist, at most once however often and from however many processes it is called: several
 * runners may be spawned, and the claim decides which of them carries the run out.
 */
export async function startRun(
  run: RunDirectory,
  request: RunRequest,
  deps: LocalPipelineDeps,
): Promise<Run> {
  targetOf(request.environment)
  const known = await findRun(run, deps.processes)
  if (known) return startedRun(run, known)
  await createDirectory(run)
  const problem = await spawnRunner(run, request, deps)
  if (problem !== null) await refuse(run, problem)
  const found = await findRun(run, deps.processes)
  if (found) return startedRun(run, found)
  throw notStarted(run, 'its directory was removed while it started')
}

function startedRun(run: RunDirectory, found: Run): Run {
  if (found.state !== 'refused') return found
  throw notStarted(run, found.cause ?? 'it was refused')
}

async function createDirectory(run: RunDirectory): Promise<void> {
  try {
    await run.create()
  } catch (error) {
    throw notStarted(run, problemOf(error))
  }
}

/** Resolves to what went wrong, or null once somebody has claimed the run. */
async function spawnRunner(
  run: RunDirectory,
  request: RunRequest,
  deps: LocalPipelineDeps,
): Promise<string | null> {
  const { release } = request.deployment
  try {
    await run.writeRequest({
      format: 'gonogo-local-run-v1',
      correlation_id: request.deployment.id,
      repository: deps.repository,
      release: { sha: release.sha, version: release.version },
      environment: request.environment,
    })
    deps.runtime.reached('local.request-written')
    const pid = await deps.processes.detach([...deps.runnerCommand, run.path], {
      cwd: run.path,
      env: runnerEnvironment(request.environment.pass_env, deps),
      logFile: run.runnerLogFile,
    })
    deps.runtime.reached('local.runner-spawned')
    return await claimProblem(run, pid, deps)
  } catch (error) {
    return problemOf(error)
  }
}

/** The runner is gonogo itself, so it gets Node's options (tracing); steps do not. */
function runnerEnvironment(
  passed: readonly string[],
  deps: LocalPipelineDeps,
): Record<string, string> {
  const environment: Record<string, string> = { ...deps.baseEnvironment }
  for (const name of [...passed, 'NODE_OPTIONS']) {
    const value = deps.ownEnvironment[name]
    if (value !== undefined) environment[name] = value
  }
  return environment
}

async function claimProblem(
  run: RunDirectory,
  pid: number,
  { processes, runtime }: LocalPipelineDeps,
): Promise<string | null> {
  const deadline = runtime.now() + claimMs
  for (let pause = 10; ; pause = Math.min(pause * 2, 200)) {
    const gone = (await processes.startTime(pid)) === null
    // Looked at after the process: one that claimed and ended at once did claim.
    if (await run.claim()) return null
    if (gone) return `the runner (pid ${pid}) ended before it claimed the run`
    if (runtime.now() >= deadline) {
      return `the runner (pid ${pid}) did not claim the run within ${claimMs / 1000} s`
    }
    await runtime.sleep(pause)
  }
}

/** Takes the claim itself, so that a runner that comes late finds it taken; fails if it was too late. */
async function refuse(run: RunDirectory, problem: string): Promise<void> {
  if (await run.writeClaim({ refused: problem })) throw notStarted(run, problem)
}

function notStarted(run: RunDirectory, problem: string): Failure {
  return new Failure({
    code: 'run_not_started',
    message: `run ${run.id} was not started: ${problem}`,
    hint: `read what the runner said, then deploy again: cat ${run.runnerLogFile}`,
  })
}
