import type { Deployment } from '../core/deployment.ts'
import type { Plan } from '../core/plan.ts'
import { findEnvironment, type Environment } from '../core/project.ts'
import type { StepRequest } from './step.ts'

/** The plan a deployment carries out. */
export function planOf(deployment: Deployment): Plan {
  return JSON.parse(deployment.plan) as Plan
}

/** The environment as it was planned, or why there is none. */
export type Target = { environment: Environment } | { problem: string }

/**
 * What is started and verified must be what was planned: a configuration that was edited since, or no
 * longer has the environment, is neither.
 */
export function targetOf({ call, deployment }: Pick<StepRequest, 'call' | 'deployment'>): Target {
  const environment = findEnvironment(call.project, deployment.environment)
  if (environment && planOf(deployment).policy_hash === call.policyHash) return { environment }
  return { problem: 'the configuration changed after the plan was made' }
}
