import { Failure } from '../../../core/failure.ts'
import {
  listDeployments,
  readStatuses,
  type GitHubDeployment,
} from '../deployments/read-deployments.ts'
import type { GitHubPipelineDeps } from '../deps.ts'
import { shortCheckpoint, wholeCheckpoint } from './short-checkpoint.ts'

type Deps = Pick<GitHubPipelineDeps, 'client' | 'environments' | 'project'>

/** A checkpoint that was read back, and when it was put there. */
export interface Anchored {
  place: string
  checkpoint: string
  at: number
}

/** How many deployments of an environment are looked through. */
const mostLooked = 10

/** States after which nothing more is told of a deployment. */
const over = new Set(['success', 'failure', 'error'])

/**
 * On the newest deployment that is over, as one more status of the state it is in: a status cannot be
 * changed, and not be removed by itself. Null where there is no such deployment yet.
 */
export async function anchorOnDeployment(deps: Deps, note: string): Promise<string | null> {
  const { client, project } = deps
  const description = shortCheckpoint(nameOf(project.name), note)
  if (description === null) throw doesNotFit()
  for (const deployment of await newestFirst(deps)) {
    const [last] = await readStatuses(client, deployment.id)
    if (last === undefined || !over.has(last.state)) continue
    await client.send('POST', '/deployments/{deployment_id}/statuses', {
      deployment_id: deployment.id,
      state: last.state,
      description,
      // Those that were told before: whoever looks there finds the run as before.
      ...(last.log_url && { log_url: last.log_url }),
      ...(last.environment_url && { environment_url: last.environment_url }),
      auto_inactive: false,
    })
    return placeOf(deployment)
  }
  return null
}

export async function anchoredOnDeployments(deps: Deps): Promise<Anchored[]> {
  const { client, project } = deps
  const all: Anchored[] = []
  for (const deployment of await newestFirst(deps)) {
    for (const { description, created_at } of await readStatuses(client, deployment.id)) {
      const checkpoint = wholeCheckpoint(nameOf(project.name), description ?? '')
      const at = Date.parse(created_at)
      if (checkpoint !== null) all.push({ place: placeOf(deployment), checkpoint, at })
    }
  }
  return all
}

function nameOf(project: string): string {
  return `gonogo/${project}`
}

async function newestFirst({ client, environments }: Deps): Promise<GitHubDeployment[]> {
  const names = environments.map(({ github }) => github.environment)
  const lists = await Promise.all(names.map((name) => listDeployments(client, name)))
  return lists
    .flatMap((list) => list.slice(0, mostLooked))
    .toSorted((left, right) => Date.parse(right.created_at) - Date.parse(left.created_at))
}

function placeOf({ id, environment }: GitHubDeployment): string {
  return `deployment ${id} to ${environment} on GitHub`
}

function doesNotFit(): Failure {
  return new Failure({
    code: 'audit_unavailable',
    message: 'this checkpoint does not fit into the description of a deployment',
    hint: 'set audit.anchors.git_ref: gonogo config explain audit.anchors',
  })
}
