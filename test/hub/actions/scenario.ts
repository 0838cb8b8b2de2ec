import { setImmediate as turn } from 'node:timers/promises'
import type { JobOutcome, Scenario } from '../hub.ts'
import { latest } from './engine.ts'
import type { Engine } from './engine.ts'
import { executeJob } from './execute.ts'
import type { JobState, RunState } from './state.ts'

/** How long a job takes that does nothing. */
const defaultMs = 1000

const succeed: Scenario = () => ({ conclusion: 'success' })

/** Asks how a job goes, and says so when its time on the hub's clock is over. */
export function runScenario(
  engine: Engine,
  run: RunState,
  job: JobState,
  done: (outcome: JobOutcome) => void,
): void {
  const { clock, options } = engine.core
  let execution: Promise<JobOutcome> | null = null
  const asked = {
    run: {
      id: String(run.id),
      attempt: latest(run).number,
      inputs: Object.fromEntries(
        Object.entries(run.inputs).map(([name, value]) => [name, String(value)]),
      ),
      sha: run.sha,
      title: run.title,
    },
    id: job.spec.id,
    name: job.name,
    environment: job.environment,
    execute(given = {}) {
      if (execution === null) {
        execution = clock.during(executeJob(engine, run, job, given))
        engine.executions.add(execution)
      }
      return execution
    },
  } satisfies Parameters<Scenario>[0]
  const work = Promise.resolve()
    .then(() => (options.scenario ?? succeed)(asked))
    .catch((error: unknown) => brokenScenario(job, error))
    .then((outcome) => {
      const taken = outcome.durationMs ?? (job.executed ? 0 : defaultMs)
      clock.at(Math.max(clock.now(), job.startedAt + taken), () => done(outcome))
    })
  void clock.during(patiently(work, () => execution))
}

/**
 * A clock that is moved by hand waits for what a scenario runs for real, and for an answer that needs no
 * time; not for one that a test holds back.
 */
async function patiently(
  work: Promise<void>,
  execution: () => Promise<unknown> | null,
): Promise<void> {
  const state = { settled: false }
  void work.finally(() => {
    state.settled = true
  })
  for (let turns = 0; !state.settled && turns < 20; turns += 1) {
    await execution()?.catch(() => undefined)
    await turn()
  }
}

/** A mistake in a test is seen in the log of its job. */
function brokenScenario(job: JobState, error: unknown): JobOutcome {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  job.logs.push({ step: 1, text: `##[error]stand-in: the scenario failed: ${text}` })
  return { conclusion: 'failure' }
}
