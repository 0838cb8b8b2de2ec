import { nodeId, repositoryPage, repositoryUrl, simpleUser } from '../views.ts'
import type { Engine } from './engine.ts'
import type { DeploymentState, DeploymentStatus } from './state.ts'

export function deploymentView({ core }: Engine, deployment: DeploymentState) {
  const url = `${repositoryUrl(core)}/deployments/${deployment.id}`
  return {
    url,
    id: deployment.id,
    node_id: nodeId('Deployment', deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description,
    creator: simpleUser(core, deployment.creator),
    created_at: core.clock.iso(deployment.createdAt),
    updated_at: core.clock.iso(deployment.updatedAt),
    statuses_url: `${url}/statuses`,
    repository_url: repositoryUrl(core),
    transient_environment: deployment.transient,
    production_environment: deployment.production,
  }
}

export function statusView(
  { core }: Engine,
  deployment: DeploymentState,
  status: DeploymentStatus,
) {
  const url = `${repositoryUrl(core)}/deployments/${deployment.id}`
  // GitHub's description wants an address there, GitHub itself sends an empty text.
  const page = status.logUrl === '' ? `${repositoryPage(core)}/deployments` : status.logUrl
  return {
    url: `${url}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DeploymentStatus', status.id),
    state: status.state,
    creator: simpleUser(core, status.creator),
    description: status.description,
    environment: deployment.environment,
    target_url: page,
    log_url: page,
    ...(status.environmentUrl === '' ? {} : { environment_url: status.environmentUrl }),
    created_at: core.clock.iso(status.createdAt),
    updated_at: core.clock.iso(status.createdAt),
    deployment_url: url,
    repository_url: repositoryUrl(core),
  }
}
