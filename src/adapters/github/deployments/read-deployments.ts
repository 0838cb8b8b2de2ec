import type { GitHubClient } from '../client/github-client.ts'
import { sameName } from '../same-name.ts'
import type { Reading } from './deps.ts'
import { isOver, type DeploymentFacts, type DeploymentState } from './facts.ts'
import { forEach } from './parallel.ts'

export interface GitHubDeployment {
  id: string
  sha: string
  ref: string
  environment: string
  /** An object, or JSON in a string. */
  payload?: unknown
  created_at: string
  updated_at?: string
  creator: { login: string } | null
}

export interface GitHubDeploymentStatus {
  state: string
  log_url?: string | null
  target_url?: string | null
  environment_url?: string | null
  description?: string | null
  created_at: string
}

/** How far back one look goes. */
const newest = 30

/** GitHub's newest deployments of an environment. */
export async function listDeployments(
  client: GitHubClient,
  environment: string,
): Promise<GitHubDeployment[]> {
  const params = { environment, per_page: newest }
  const { data } = await client.get<GitHubDeployment[]>('/deployments', params)
  return data.filter((one) => sameName(one.environment, environment))
}

/** The same with what their statuses say; of those that are over, GitHub is asked once. */
export async function readDeployments(
  reading: Reading,
  environment: string,
): Promise<DeploymentFacts[]> {
  const { client, memory } = reading
  return await forEach(await listDeployments(client, environment), async (deployment) => {
    const known = memory.deployments.get(deployment.id)
    if (known && isCurrent(known, deployment)) return known
    const facts = factsOf(deployment, await readStatuses(client, deployment.id))
    memory.deployments.set(facts.id, facts)
    return facts
  })
}

export async function readStatuses(
  client: GitHubClient,
  deploymentId: string,
): Promise<GitHubDeploymentStatus[]> {
  const route = '/deployments/{deployment_id}/statuses'
  const params = { deployment_id: deploymentId, per_page: 100 }
  return (await client.find<GitHubDeploymentStatus[]>(route, params))?.data ?? []
}

/** A success stays one, whatever came after; a failure may be tried again by whoever made it. */
function isCurrent(known: DeploymentFacts, { updated_at }: GitHubDeployment): boolean {
  return known.state === 'success' || (isOver(known) && known.updated_at === (updated_at ?? ''))
}

/** `statuses` are newest first. */
function factsOf(
  deployment: GitHubDeployment,
  statuses: readonly GitHubDeploymentStatus[],
): DeploymentFacts {
  const state = stateOf(statuses)
  const decisive = firstSaid(statuses, state)
  const { runId, jobId } = linkIn(statuses)
  const facts: Omit<DeploymentFacts, 'ended_at'> = {
    id: deployment.id,
    environment: deployment.environment,
    sha: deployment.sha,
    ref: deployment.ref,
    creator: deployment.creator?.login ?? null,
    gonogo: gonogoIn(deployment.payload),
    run_id: runId,
    job_id: jobId,
    state,
    created_at: Date.parse(deployment.created_at),
    updated_at: deployment.updated_at ?? '',
  }
  const ended = isOver({ ...facts, ended_at: null }) && decisive
  return { ...facts, ended_at: ended ? Date.parse(ended.created_at) : null }
}

/** Where a state is told again, as with each checkpoint of the audit log, it was reached the first time. */
function firstSaid(statuses: readonly GitHubDeploymentStatus[], state: DeploymentState) {
  const isIt = (status: GitHubDeploymentStatus) => stateNames[status.state] === state
  const since = statuses.slice(Math.max(0, statuses.findIndex(isIt)))
  const end = since.findIndex((status) => !isIt(status))
  return (end < 0 ? since : since.slice(0, end)).at(-1)
}

const stateNames: Readonly<Record<string, DeploymentState>> = {
  success: 'success',
  failure: 'failure',
  error: 'failure',
  inactive: 'inactive',
  waiting: 'waiting',
  queued: 'queued',
  pending: 'queued',
  in_progress: 'in_progress',
}

/** `inactive` only says that something came after: what it was before counts. */
function stateOf(statuses: readonly GitHubDeploymentStatus[]): DeploymentState {
  const states = statuses.map(({ state }) => stateNames[state] ?? 'in_progress')
  const ended = states.find((state) => state === 'success' || state === 'failure')
  if (states[0] === 'inactive') return ended ?? 'inactive'
  return states[0] ?? 'silent'
}

/** GitHub Actions link each status to its run and job. */
export function linkIn(statuses: readonly GitHubDeploymentStatus[]): {
  runId: string | null
  jobId: string | null
} {
  for (const { log_url, target_url } of statuses) {
    const link = `${log_url ?? ''} ${target_url ?? ''}`
    const [, runId = null, jobId = null] =
      /\/actions\/runs\/(\d+)(?:\/job\/(\d+))?/.exec(link) ?? []
    if (runId !== null) return { runId, jobId }
  }
  return { runId: null, jobId: null }
}

/** The deployment id that a gonogo wrote into what it made. */
export function gonogoIn(payload: unknown): string | null {
  const fields: unknown = typeof payload === 'string' ? parsed(payload) : payload
  if (typeof fields !== 'object' || fields === null || !('gonogo' in fields)) return null
  const { gonogo } = fields
  return typeof gonogo === 'string' && /^dep_[\w-]{1,100}$/.test(gonogo) ? gonogo : null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
