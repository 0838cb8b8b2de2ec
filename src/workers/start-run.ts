import { Failure, toFailure } from '../core/failure.ts'
import type { Environment } from '../core/project.ts'
import type { Run } from '../ports/pipeline.ts'
import { targetOf } from './policy.ts'
import type { Step, StepOutcome, StepRequest } from './step.ts'

/**
 * Makes the run exist. The pipeline is asked first: after a crash the run may be there already, and
 * then it is only recorded.
 */
export const startRun: Step = async (request) => {
  const { deployment, pipeline, call } = request
  const found = await pipeline.find(deployment.id)
  if (found && found.state !== 'refused') return started(found)
  const target = targetOf(request)
  if ('problem' in target) {
    const why = `${target.problem}: nothing was started`
    return found ? notStarted(why) : await refuse(request, why)
  }
  if (found) return notStarted(found.cause ?? 'the run was refused')
  call.runtime.reached('start-run.before')
  const outcome = await start(request, target.environment)
  call.runtime.reached('start-run.after')
  return outcome
}

async function start(
  { deployment, pipeline }: StepRequest,
  environment: Environment,
): Promise<StepOutcome> {
  const { id: correlation_id, release } = deployment
  try {
    return started(await pipeline.start({ correlation_id, environment, release }))
  } catch (error) {
    if (error instanceof Failure && error.code === 'run_not_started') {
      return notStarted(toFailure(error).message)
    }
    throw error
  }
}

/** A run that was on its way when its starter died must find itself refused, or it is there after all. */
async function refuse({ deployment, pipeline, call }: StepRequest, why: string) {
  const run = await pipeline.cancel(deployment.id)
  call.runtime.reached('start-run.refused')
  return run === null || run.state === 'refused' ? notStarted(why) : started(run)
}

function started({ run_id }: Run): StepOutcome {
  return { event: { type: 'run_started', run_id } }
}

function notStarted(cause: string): StepOutcome {
  return { event: { type: 'not_started', cause } }
}
