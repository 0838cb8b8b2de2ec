import { oneLine } from '../../../core/text.ts'
import type { GitHubClient } from '../client/github-client.ts'
import { linkIn, readStatuses } from '../deployments/read-deployments.ts'
import type { Account, WorkflowRun } from '../payloads.ts'
import { sameName } from '../same-name.ts'

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
      state === 'rejected' && environments.some(({ name }) => sameName(name, environment)),
  )
  if (!rejected) return null
  const comment = oneLine(rejected.comment, 150)
  return `rejected for ${environment} by ${oneLine(rejected.user?.login ?? 'somebody', 60)}${comment === '' ? '' : `: ${comment}`}`
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
  const lists = await Promise.all(items.map((deployment) => readStatuses(client, deployment.id)))
  const links = lists.flat().map((status) => linkIn([status]))
  return new Set(links.flatMap(({ runId, jobId }) => (runId === id && jobId ? [jobId] : [])))
}
