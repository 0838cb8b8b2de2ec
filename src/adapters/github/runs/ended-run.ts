import { oneLine } from '../../../core/text.ts'
import type { GitHubClient } from '../client/github-client.ts'
import type { Account, WorkflowRun } from '../payloads.ts'

interface GivenReview {
  state: string
  comment: string
  user: Account | null
  environments: { name: string }[]
}

/** Who rejected the run for this environment; null when nobody did. */
export async function rejectionOf(
  client: GitHubClient,
  { id, conclusion }: WorkflowRun,
  environment: string,
): Promise<string | null> {
  if (conclusion !== 'failure') return null
  const answer = await client.find<GivenReview[]>('/actions/runs/{run_id}/approvals', {
    run_id: id,
  })
  const rejected = (answer?.data ?? []).find(
    ({ state, environments }) =>
      state === 'rejected' && environments.some(({ name }) => isSame(name, environment)),
  )
  if (!rejected) return null
  const comment = oneLine(rejected.comment, 150)
  return `rejected for ${environment} by ${oneLine(rejected.user?.login ?? 'somebody', 60)}${comment === '' ? '' : `: ${comment}`}`
}

interface DeploymentStatus {
  log_url?: string | null
  target_url?: string | null
}

/** Ids of the jobs of a run that GitHub recorded a deployment to this environment for. */
export async function deployedJobIds(
  client: GitHubClient,
  { id, head_sha }: WorkflowRun,
  environment: string,
): Promise<Set<string>> {
  const { items } = await client.list<{ id: string }>('/deployments', {
    params: { environment, sha: head_sha },
    most: 30,
  })
  const lists = await Promise.all(
    items.map((deployment) =>
      client.list<DeploymentStatus>('/deployments/{deployment_id}/statuses', {
        params: { deployment_id: deployment.id },
        most: 30,
      }),
    ),
  )
  const jobs = lists
    .flatMap((list) => list.items)
    .map(({ log_url, target_url }) => jobIn(log_url || target_url || '', id))
  return new Set(jobs.filter((job) => job !== null))
}

/** The job an address of GitHub's web pages shows, if it is one of this run. */
function jobIn(url: string, runId: string): string | null {
  const [, run, job] = /\/actions\/runs\/(\d+)\/job\/(\d+)/.exec(url) ?? []
  return run === runId ? (job ?? null) : null
}

/** GitHub does not tell environments apart by case. */
function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase()
}
