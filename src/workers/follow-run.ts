import type { Run } from '../ports/pipeline.ts'
import type { DeploymentEvent } from '../core/deployment.ts'
import type { Step } from './step.ts'

const pollMs = 500

/** Watches the run. A run that vanished or was left by its runner is lost, and never repeated. */
export const followRun: Step = async ({ deployment, pipeline }) => {
  const run = await pipeline.find(deployment.id)
  if (run === null) return { event: { type: 'run_lost', cause: 'the run is gone without a trace' } }
  // A runner that died may have left a step running: it must be gone before the environment is free.
  if (run.state === 'lost') await pipeline.cancel(deployment.id)
  const event = eventOf(run)
  return event ? { event } : { lookAgainInMs: pollMs }
}

function eventOf(run: Run): DeploymentEvent | null {
  const cause = run.cause ?? 'no cause was recorded'
  switch (run.state) {
    case 'running':
      return null
    case 'succeeded':
      return { type: 'run_succeeded' }
    case 'failed':
      return { type: 'run_failed', step: run.step, cause }
    // A run that was seen to start cannot be refused any more; if it says so, it did not go on.
    case 'refused':
    case 'cancelled':
      return { type: 'run_cancelled', cause }
    case 'lost':
      return { type: 'run_lost', cause }
  }
}
