import { Failure } from '../../core/failure.ts'
import { deploy } from './deploy.ts'
import type { LocalRunnerDeps } from './deps.ts'
import { problemOf } from './problem.ts'
import {
  openRunDirectory,
  type LocalRequest,
  type Outcome,
  type Progress,
  type RunDirectory,
} from './run-directory.ts'

/**
 * Reads what the run in this directory shall do: for whoever opens the source that `runLocal` needs.
 * Fails with `invalid_input` if there is none.
 */
export async function readLocalRequest(directory: string): Promise<LocalRequest> {
  const request = await openRunDirectory(directory, { id: (prefix) => prefix }).request()
  if (request?.format === 'gonogo-local-run-v1') return request
  throw new Failure({
    code: 'invalid_input',
    message: `${directory} holds no request of a local run`,
    hint: `check it with: ls -l ${directory}`,
  })
}

/**
 * The body of the runner process: claims the run kept in `directory` and carries it out. Resolves
 * without doing anything when somebody else has claimed it. SIGTERM cancels the run.
 */
export async function runLocal(directory: string, deps: LocalRunnerDeps): Promise<void> {
  const request = await readLocalRequest(directory)
  const run = openRunDirectory(directory, deps.runtime)
  const cancelled = new AbortController()
  const cancel = () => cancelled.abort()
  // Before the claim: from then on `cancel` sends the signal and relies on its being heard.
  process.on('SIGTERM', cancel)
  try {
    if (!(await claim(run, deps))) return
    deps.runtime.reached('runner.claimed')
    await run.writeOutcome(await carryOut(run, request, cancelled.signal, deps))
    deps.runtime.reached('runner.outcome-written')
  } finally {
    process.off('SIGTERM', cancel)
  }
}

async function claim(run: RunDirectory, { processes }: LocalRunnerDeps): Promise<boolean> {
  const startTime = await processes.startTime(process.pid)
  if (startTime !== null) return run.writeClaim({ pid: process.pid, start_time: startTime })
  throw new Failure({
    code: 'internal',
    message: 'this process cannot see when it was started itself, so nobody could tell it is alive',
    hint: 'check that /proc is mounted, or that ps works',
  })
}

/** Never throws: whatever goes wrong is how the run ended. */
async function carryOut(
  run: RunDirectory,
  request: LocalRequest,
  signal: AbortSignal,
  deps: LocalRunnerDeps,
): Promise<Outcome> {
  const progress: Progress = { step: null, process: null, switched: false }
  try {
    await deploy({ run, request, progress, signal, deps })
    return { state: 'succeeded', step: null, cause: null, switched: true }
  } catch (error) {
    const { step, switched } = progress
    if (signal.aborted) return { state: 'cancelled', step, cause: 'cancelled', switched }
    return { state: 'failed', step, cause: problemOf(error), switched }
  }
}
