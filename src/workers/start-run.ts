import type { Deployment } from '../core/deployment.ts'
import { Failure } from '../core/failure.ts'
import type { Environment } from '../core/project.ts'
import type { Call } from '../ports/context.ts'
import type { Run, SignedConsent } from '../ports/pipeline.ts'
import { consentProblem } from './consent-holds.ts'
import { takePlatformLock } from './platform-lock.ts'
import { planOf, targetOf } from './policy.ts'
import type { Step, StepOutcome, StepRequest } from './step.ts'

/**
 * Makes the run exist. The pipeline is asked first: after a crash the run may be there already, and
 * then it is only recorded.
 */
export const startRun: Step = async (request) => {
  const { deployment, pipeline, call } = request
  const found = await pipeline.find(deployment)
  if (found && found.state !== 'refused') return started(found)
  const target = targetOf(request)
  if ('problem' in target) {
    const why = `${target.problem}: nothing was started`
    return found ? notStarted(why) : await refuse(request, why)
  }
  if (found) return notStarted(found.cause ?? 'the run was refused')
  const problem = await consentProblem(call, deployment, target.environment)
  if (problem !== null) return await refuse(request, `${problem}: nothing was started`)
  const held = await takePlatformLock(request)
  if (held !== null) return await refuse(request, held)
  call.runtime.reached('start-run.before')
  const outcome = await start(request, target.environment)
  call.runtime.reached('start-run.after')
  return outcome
}

async function start(
  { call, deployment, pipeline }: StepRequest,
  environment: Environment,
): Promise<StepOutcome> {
  const consent = await consentOf(call, deployment)
  try {
    const planned = planOf(deployment).pipeline
    return started(await pipeline.start({ deployment, environment, consent, planned }))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (error.code === 'run_not_started') return notStarted(error.message)
    if (error.code !== 'run_not_found') throw error
    return { event: { type: 'run_not_found', cause: error.message } }
  }
}

/** What was signed, for a pipeline that verifies it by itself; a static token left nothing to verify. */
async function consentOf(call: Call, { approval_id }: Deployment): Promise<SignedConsent | null> {
  if (approval_id === null) return null
  const approval = await call.store.read((tables) => tables.approvals.get(approval_id))
  if (!approval || approval.decisions.some(({ method }) => method === 'static_token')) return null
  const { request, decisions } = approval
  const signed = decisions.flatMap(({ verdict, statement, signature, identity, person }) =>
    verdict !== 'approved' || signature === null
      ? []
      : [[person, { statement, signature, approver: identity }] as const],
  )
  return { request, decisions: [...new Map(signed).values()] }
}

/** A run that was on its way when its starter died must find itself refused, or it is there after all. */
async function refuse({ deployment, pipeline, call }: StepRequest, why: string) {
  const run = await pipeline.cancel(deployment)
  call.runtime.reached('start-run.refused')
  return run === null || run.state === 'refused' ? notStarted(why) : started(run)
}

function started({ run_id }: Run): StepOutcome {
  return { event: { type: 'run_started', run_id } }
}

function notStarted(cause: string): StepOutcome {
  return { event: { type: 'not_started', cause } }
}
