import { nextLook } from '../core/pace.ts'
import type { Deployment, DeploymentEvent } from '../core/deployment.ts'
import type { Run } from '../ports/pipeline.ts'
import { usualDuration } from '../tools/support/estimate.ts'
import type { Step, StepRequest } from './step.ts'

/** Watches the run. A run that vanished or was left by its runner is lost, and never repeated. */
export const followRun: Step = async (request) => {
  const { deployment, pipeline } = request
  const run = await pipeline.find(deployment)
  if (run === null) return { event: { type: 'run_lost', cause: 'the run is gone without a trace' } }
  await pipeline.report?.(deployment, run)
  // A runner that died may have left a step running: it must be gone before the environment is free.
  if (run.state === 'lost') await pipeline.cancel(deployment)
  const event = eventOf(run, deployment)
  return event ? { event } : { lookAgainInMs: await pauseOf(request) }
}

async function pauseOf({ call, deployment, pipeline }: StepRequest): Promise<number> {
  const { environment, kind, created_at } = deployment
  const usual = await usualDuration(call, environment, kind)
  return nextLook(pipeline.pace, call.runtime.now() - created_at, usual)
}

function eventOf(run: Run, { status }: Deployment): DeploymentEvent | null {
  const cause = run.cause ?? 'no cause was recorded'
  switch (run.state) {
    case 'running':
      return status === 'waiting_approval' ? { type: 'run_resumed' } : null
    case 'waiting':
      return status === 'waiting_approval' ? null : { type: 'run_waiting' }
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
