import type { Run } from '../../ports/pipeline.ts'
import type { Processes } from '../../ports/process.ts'
import { findRun, hasSwitched, isAlive } from './find-run.ts'
import type { RunDirectory } from './run-directory.ts'
import { stepVariables } from './steps.ts'

/** How long a runner may take to end its step (which has a grace of its own) and write the outcome. */
const runnerGraceMs = 15_000

/**
 * Ends a run and everything it started. A run that nobody claimed yet is claimed here, so that no
 * runner ever carries it out.
 */
export async function cancelRun(run: RunDirectory, processes: Processes): Promise<Run | null> {
  if (!(await run.claim())) {
    await run.create()
    await run.writeClaim({ refused: 'cancelled before it started' })
  }
  const claim = await run.claim()
  if (claim && !('refused' in claim) && !(await run.outcome())) {
    const alive = await isAlive(claim, processes)
    if (alive) await processes.endGroup(claim.pid, runnerGraceMs)
    await endStep(run, processes)
    if (alive) await recordKill(run)
  }
  return await findRun(run, processes)
}

/** A runner that was killed could not end its step itself. */
async function endStep(run: RunDirectory, processes: Processes): Promise<void> {
  const { process: step = null, step: name } = (await run.progress()) ?? {}
  if (step === null) return
  if (step === 'starting') return await endUnrecorded(run, name ?? '', processes)
  const found = await processes.startTime(step.pid)
  // Null: the step itself ended, what it started may not have, and keeps its group's id reserved.
  if (found === null || found === step.start_time) await processes.endGroup(step.pid)
}

/** The runner was killed between starting its step and writing down which process that is. */
async function endUnrecorded(run: RunDirectory, step: string, processes: Processes): Promise<void> {
  for (const group of await processes.groupsWith(stepVariables(run.id, step))) {
    await processes.endGroup(group)
  }
}

/** Speaks for a runner that did not end in time; changes nothing if it wrote its outcome itself. */
async function recordKill(run: RunDirectory): Promise<void> {
  if (await run.outcome()) return
  await run.writeOutcome({
    state: 'cancelled',
    step: (await run.progress())?.step ?? null,
    cause: 'cancelled; the runner did not end by itself and was killed',
    switched: await hasSwitched(run),
  })
}
