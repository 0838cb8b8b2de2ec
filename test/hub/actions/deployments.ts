import { repositoryPage } from '../views.ts'
import type { Engine } from './engine.ts'
import type { DeploymentState, JobState, RunState } from './state.ts'

type Given = Pick<DeploymentState, 'environment' | 'ref' | 'sha' | 'creator'> &
  Partial<DeploymentState>

export function addDeployment(engine: Engine, given: Given): DeploymentState {
  const now = engine.core.clock.now()
  const deployment: DeploymentState = {
    id: engine.core.nextId(),
    task: 'deploy',
    description: null,
    payload: {},
    transient: false,
    production: given.environment === 'production',
    createdAt: now,
    updatedAt: now,
    statuses: [],
    ...given,
  }
  engine.deployments.push(deployment)
  return deployment
}

export interface NewStatus {
  state: string
  creator: string
  description?: string
  logUrl?: string
  environmentUrl?: string
  autoInactive?: boolean
}

export function addStatus(engine: Engine, deployment: DeploymentState, given: NewStatus): void {
  push(engine, deployment, given)
  if (given.state !== 'success' || given.autoInactive === false) return
  for (const other of engine.deployments) {
    const replaced =
      other !== deployment &&
      other.environment === deployment.environment &&
      !other.transient &&
      !other.production &&
      other.statuses.at(-1)?.state === 'success'
    if (replaced) push(engine, other, { state: 'inactive', creator: given.creator })
  }
}

function push(engine: Engine, deployment: DeploymentState, given: NewStatus): void {
  const now = engine.core.clock.now()
  deployment.updatedAt = now
  deployment.statuses.push({
    id: engine.core.nextId(),
    state: given.state,
    creator: given.creator,
    description: given.description ?? '',
    logUrl: given.logUrl ?? '',
    environmentUrl: given.environmentUrl ?? '',
    createdAt: now,
  })
}

/** GitHub makes a deployment for every job that names an environment. */
export function deployFor(engine: Engine, run: RunState, job: JobState, environment: string): void {
  const creator = run.attempts.at(-1)?.actor ?? run.actor
  const ref = run.ref.replace(/^refs\/(?:heads|tags)\//, '')
  job.deployment = addDeployment(engine, { environment, ref, sha: run.sha, creator })
}

/** Tells the job's deployment how it goes. */
export function reportDeployment(
  engine: Engine,
  run: RunState,
  job: JobState,
  state: string,
): void {
  if (job.deployment === null) return
  const logUrl = `${repositoryPage(engine.core)}/actions/runs/${run.id}/job/${job.id}`
  addStatus(engine, job.deployment, {
    state,
    creator: 'github-actions[bot]',
    logUrl,
    environmentUrl: state === 'success' ? (job.environmentUrl ?? '') : '',
  })
}
