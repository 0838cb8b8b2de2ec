import { Failure } from '../../../core/failure.ts'
import { shortVersion } from '../../../core/release.ts'
import { oneLine } from '../../../core/text.ts'
import type { Run } from '../../../ports/pipeline.ts'
import type { GitHubClient } from '../client/github-client.ts'
import { deployedJobIds, rejectionOf } from './ended-run.ts'
import { failureStatus } from '../failure-status.ts'
import type { WorkflowJob, WorkflowRun } from '../payloads.ts'
import { pendingReviews } from '../reviews.ts'
import type { SentRecord } from './run-record.ts'
import { currentStep, isSwitched, verdictOf } from './run-state.ts'
import { runUrl } from '../web-pages.ts'
import { targetJobs } from './target-job.ts'

/** A run, and what tells which of its jobs is the deployment's. */
export interface KnownRun {
  run_id: string
  /** Titles of the jobs that deploy; empty when that is not known. */
  titles: readonly string[]
  /** Name of the GitHub environment. */
  environment: string
  /** Null for a run that was not started from this state directory. */
  record: SentRecord | null
}

export interface Look {
  run: Run
  /** Read only when it was needed. */
  answer: WorkflowRun | null
}

/**
 * Where a run stands. Its jobs tell nearly everything, and asking for them costs nothing while nothing
 * changes; the run itself is read at first sight, when something waits, and when all jobs have ended.
 * Null when GitHub has no such run.
 */
export async function lookAtRun(client: GitHubClient, known: KnownRun): Promise<Look | null> {
  const { run_id, titles, record } = known
  const before = await jobsOf(client, run_id)
  if (before === null) return null
  const needsRun = record?.seen == null || !before.some(isBusy)
  const answer = needsRun ? await runOf(client, run_id) : null
  // The run may have ended after its jobs were read: what they came to is only known afterwards.
  const hasEnded = answer?.status === 'completed'
  const jobs = (hasEnded ? await jobsOf(client, run_id) : null) ?? before
  const logs_url = await runUrl(client, run_id)
  const common = { run_id, logs_url, switched: isSwitched(targetJobs(jobs, titles)) }
  return { answer, run: await stateOf(client, known, answer, jobs, common) }
}

async function stateOf(
  client: GitHubClient,
  known: KnownRun,
  answer: WorkflowRun | null,
  jobs: readonly WorkflowJob[],
  common: Common,
): Promise<Run> {
  switch (answer?.status ?? 'unread') {
    case 'completed':
      return await ended(client, known, answer!, jobs, common)
    case 'waiting':
    case 'action_required': {
      const cause = await waitingFor(client, known.run_id, common.logs_url)
      return { ...common, state: 'waiting', step: null, cause }
    }
    // Whatever GitHub calls it, it goes on.
    default:
      return { ...common, state: 'running', step: currentStep(jobs), cause: null }
  }
}

/** The jobs of the latest attempt, so that a re-run of our run is followed. */
async function jobsOf(client: GitHubClient, run_id: string): Promise<WorkflowJob[] | null> {
  try {
    const { items } = await client.list<WorkflowJob>('/actions/runs/{run_id}/jobs', {
      params: { run_id, filter: 'latest' },
      key: 'jobs',
    })
    return items
  } catch (error) {
    if (error instanceof Failure && failureStatus(error) === 404) return null
    throw error
  }
}

async function runOf(client: GitHubClient, run_id: string): Promise<WorkflowRun> {
  return (await client.get<WorkflowRun>('/actions/runs/{run_id}', { run_id })).data
}

/** One that runs, or is about to. Everything else may mean that the run waits or has ended. */
function isBusy({ status }: WorkflowJob): boolean {
  return status === 'in_progress' || status === 'queued'
}

type Common = Pick<Run, 'run_id' | 'logs_url' | 'switched'>

async function ended(
  client: GitHubClient,
  known: KnownRun,
  run: WorkflowRun,
  jobs: readonly WorkflowJob[],
  common: Common,
): Promise<Run> {
  if (run.conclusion === 'action_required') {
    const cause = `GitHub wants a maintainer to allow this run: ${common.logs_url}`
    return { ...common, state: 'waiting', step: null, cause }
  }
  const targets = await deployingJobsOf(client, known, run, jobs)
  const switched = isSwitched(targets)
  const rejection = switched ? null : await rejectionOf(client, run, known.environment)
  const { titles, environment } = known
  const verdict = verdictOf({ run, jobs, targets, titles, environment, rejection })
  const result = { ...common, ...verdict, switched }
  return verdict.state === 'succeeded' ? checkCommit(result, run, known.record) : result
}

/** By their titles; where those are not known, by the deployments that GitHub recorded for the run. */
async function deployingJobsOf(
  client: GitHubClient,
  known: KnownRun,
  run: WorkflowRun,
  jobs: readonly WorkflowJob[],
): Promise<readonly WorkflowJob[]> {
  if (known.titles.length > 0) return targetJobs(jobs, known.titles)
  const ids = await deployedJobIds(client, run, known.environment)
  return jobs.filter(({ id }) => ids.has(id))
}

/** A run that deploys the commit it runs on may have been started on another one: the branch had moved. */
function checkCommit(run: Run, { head_sha }: WorkflowRun, record: SentRecord | null): Run {
  if (record?.carried_by !== 'ref' || head_sha === record.release.sha) return run
  const [ran, wanted] = [head_sha, record.release.sha].map(shortVersion)
  const cause = `it deployed ${ran} instead of ${wanted}: ${record.ref} moved when it was started`
  return { ...run, state: 'failed', cause: oneLine(cause, 300) }
}

async function waitingFor(client: GitHubClient, runId: string, url: string): Promise<string> {
  const reviews = await pendingReviews(client, runId)
  if (reviews.length === 0) return `GitHub waits for a rule of the environment: ${url}`
  const asked = reviews.map(
    ({ environment, reviewers }) =>
      `${environment} waits for a review by ${reviewers.join(', ') || 'its reviewers'}`,
  )
  return oneLine(`${asked.join('; ')}: ${url}`, 300)
}
