import { pathToFileURL } from 'node:url'
import type { Run } from '../../ports/pipeline.ts'
import type { Processes } from '../../ports/process.ts'
import { currentName, releaseName } from './release-directory.ts'
import type { Outcome, ProcessMark, RunDirectory } from './run-directory.ts'

/** What a run directory says about its run; null when no runner has claimed it. */
export async function findRun(
  run: RunDirectory,
  processes: Pick<Processes, 'startTime'>,
): Promise<Run | null> {
  const outcome = await run.outcome()
  if (outcome) return toRun(run, outcome)
  const claim = await run.claim()
  if (claim === null) return null
  if ('refused' in claim) {
    return toRun(run, { state: 'refused', step: null, cause: claim.refused, switched: false })
  }
  if (await isAlive(claim, processes)) return await runningRun(run)
  // It may have written its outcome after we looked and before it ended.
  const last = await run.outcome()
  return last ? toRun(run, last) : await lostRun(run, claim)
}

/** Whether this very process, not a later one with its pid, still runs. */
export async function isAlive(
  mark: ProcessMark,
  processes: Pick<Processes, 'startTime'>,
): Promise<boolean> {
  return (await processes.startTime(mark.pid)) === mark.start_time
}

/** Whether the environment was pointed to this run's release, read off the link itself. */
export async function hasSwitched(run: RunDirectory): Promise<boolean> {
  if ((await run.progress())?.switched) return true
  const request = await run.request()
  if (!request?.environment.local) return false
  const name = releaseName(request.release, request.correlation_id)
  return (await currentName(request.environment.local.directory)) === name
}

async function runningRun(run: RunDirectory): Promise<Run> {
  const progress = await run.progress()
  const { step = null, switched = false } = progress ?? {}
  return toRun(run, { state: 'running', step, cause: null, switched })
}

async function lostRun(run: RunDirectory, claim: ProcessMark): Promise<Run> {
  const step = (await run.progress())?.step ?? null
  const cause = `the runner (pid ${claim.pid}) died without recording how the run ended`
  return toRun(run, { state: 'lost', step, cause, switched: await hasSwitched(run) })
}

function toRun(run: RunDirectory, facts: Omit<Outcome, 'state'> & Pick<Run, 'state'>): Run {
  const { state, step, cause, switched } = facts
  return { run_id: run.id, state, step, cause, logs_url: pathToFileURL(run.logFile).href, switched }
}
