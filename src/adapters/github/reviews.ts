import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type {
  GivenReview,
  PendingReview,
  PipelineReviews,
  ReviewDecision,
  RunOf,
} from '../../ports/pipeline.ts'
import type { GitHubClient } from './client/github-client.ts'
import { reviewerName, type GitHubReviewer } from './deployments/reviewers.ts'
import { sameName } from './same-name.ts'
import { runUrl } from './web-pages.ts'

interface PendingDeployment {
  environment: { id: string; name: string }
  /** About whoever asks. */
  current_user_can_approve: boolean
  reviewers: GitHubReviewer[]
}

interface RunReview {
  environments: { name: string }[]
  state: string
  user: { login: string } | null
  comment?: string | null
}

/** What is known of the runs of deployments. */
export interface KnownRuns {
  /** The run of a deployment; null when it has none yet. */
  runIdOf: (deployment: RunOf) => Promise<string | null>
  /** Whether its run was ever seen to wait. */
  waited: (deployment: RunOf) => Promise<boolean>
}

/** Reviews that GitHub's environments demand before a job of theirs may start. */
export function createReviews(
  client: GitHubClient,
  { runIdOf, waited }: KnownRuns,
): PipelineReviews {
  return {
    async pending(deployment) {
      const runId = await runIdOf(deployment)
      return runId === null ? [] : await pendingReviews(client, runId)
    },
    async decide(deployment, decision) {
      const runId = await runIdOf(deployment)
      if (runId === null) throw nothingPending(deployment.id)
      const person = client.as(decision.token)
      const reviewer = await personOf(client, person, runId)
      await review(person, { deployment, decision, runId, reviewer })
      return { reviewer }
    },
    async given(deployment) {
      const runId = (await waited(deployment)) ? await runIdOf(deployment) : null
      return runId === null ? [] : await givenReviews(client, runId)
    },
  }
}

async function givenReviews(client: GitHubClient, run_id: string): Promise<GivenReview[]> {
  const answer = await client.find<RunReview[]>('/actions/runs/{run_id}/approvals', { run_id })
  return (answer?.data ?? []).flatMap(({ environments, state, user, comment }) =>
    state === 'approved' || state === 'rejected'
      ? [
          {
            environments: environments.map(({ name }) => oneLine(name, 100)),
            verdict: state,
            reviewer: user === null ? null : oneLine(user.login, 60),
            comment: oneLine(comment ?? '', 300),
          },
        ]
      : [],
  )
}

/** What a run waits for, and where a person gives it. */
export async function pendingReviews(
  client: GitHubClient,
  runId: string,
): Promise<PendingReview[]> {
  const pending = await pendingOf(client, runId)
  const url = await runUrl(client, runId)
  return pending.map(({ environment, reviewers }) => ({
    environment: oneLine(environment.name, 100),
    reviewers: namesOf(reviewers),
    url,
  }))
}

/** Whose token it is, if it is a person's and not the one that starts deployments. */
async function personOf(
  server: GitHubClient,
  person: GitHubClient,
  runId: string,
): Promise<string> {
  const [login, own] = await Promise.all([person.login(), server.login()])
  if (login === null) {
    throw notPermitted('the token for the review belongs to no person', {
      hint: `set GONOGO_REVIEW_TOKEN to a token of your own, or review at ${await runUrl(server, runId)}`,
    })
  }
  if (!sameName(login, own)) return login
  throw notPermitted(`${login} is who starts deployments here, and may not review them`, {
    hint: `give gonogo a token of another account, or review at ${await runUrl(server, runId)}`,
  })
}

interface Review {
  deployment: RunOf
  decision: ReviewDecision
  runId: string
  reviewer: string
}

/** One request; an answer that was lost is looked up, the request is never repeated. */
async function review(person: GitHubClient, act: Review): Promise<void> {
  const { deployment, decision, runId, reviewer } = act
  const pending = await pendingOf(person, runId)
  if (pending.length === 0) throw nothingPending(deployment.id)
  const mine = pending.filter((one) => one.current_user_can_approve)
  if (mine.length === 0) throw notReviewer(reviewer, pending, await runUrl(person, runId))
  try {
    await person.send('POST', '/actions/runs/{run_id}/pending_deployments', {
      run_id: runId,
      environment_ids: mine.map(({ environment }) => Number(environment.id)),
      state: decision.verdict,
      comment: decision.comment,
    })
  } catch (error) {
    const lost = error instanceof Failure && error.details.outcome === 'unknown'
    if (!lost || !(await wasGiven(person, act, mine))) throw error
    return
  }
  if (!(await wasGiven(person, act, mine))) throw notShown(decision, await runUrl(person, runId))
}

/** True when GitHub shows this very review and waits for it no more. */
async function wasGiven(
  person: GitHubClient,
  { decision, runId, reviewer }: Review,
  mine: readonly PendingDeployment[],
): Promise<boolean> {
  const waiting = new Set((await pendingOf(person, runId)).map(({ environment }) => environment.id))
  if (mine.some(({ environment }) => waiting.has(environment.id))) return false
  const route = '/actions/runs/{run_id}/approvals'
  const { data } = await person.get<RunReview[]>(route, { run_id: runId })
  const own = data.filter(
    ({ user, state }) => state === decision.verdict && sameName(user?.login ?? null, reviewer),
  )
  const covered = new Set(own.flatMap(({ environments }) => environments.map(({ name }) => name)))
  return mine.every(({ environment }) => covered.has(environment.name))
}

async function pendingOf(client: GitHubClient, runId: string): Promise<PendingDeployment[]> {
  const route = '/actions/runs/{run_id}/pending_deployments'
  return (await client.find<PendingDeployment[]>(route, { run_id: runId }))?.data ?? []
}

function namesOf(reviewers: readonly GitHubReviewer[]): string[] {
  return reviewers.flatMap((reviewer) => {
    const name = reviewerName(reviewer)
    return name === null ? [] : [oneLine(name, 100)]
  })
}

function nothingPending(id: string): Failure {
  return new Failure({
    code: 'unknown_approval',
    message: `the run of ${id} waits for no review`,
    hint: `run gonogo status ${id} to see where it stands`,
  })
}

function notReviewer(login: string, pending: readonly PendingDeployment[], url: string): Failure {
  const wanted = pending.map(({ environment, reviewers }) => {
    const names = namesOf(reviewers)
    return `${oneLine(environment.name, 100)}: ${names.join(', ') || 'nobody that GitHub names'}`
  })
  return notPermitted(`GitHub does not let ${login} review this run (${wanted.join('; ')})`, {
    hint: `ask one of them; who started the run cannot where GitHub prevents self-review: ${url}`,
  })
}

function notShown({ verdict }: ReviewDecision, url: string): Failure {
  return new Failure({
    code: 'pipeline_unavailable',
    message: `GitHub took the review, and does not show it as ${verdict}`,
    hint: `look at ${url} before trying again`,
  })
}

function notPermitted(message: string, { hint }: { hint: string }): Failure {
  return new Failure({ code: 'not_permitted', message, hint })
}
