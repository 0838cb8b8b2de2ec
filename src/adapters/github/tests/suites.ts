import type { CommitContext } from '../../../core/commit-checks.ts'
import { worstState } from '../../../core/commit-checks.ts'
import { Failure } from '../../../core/failure.ts'
import type { PlatformSuite } from '../../../core/project.ts'
import type { SuiteResult, SuiteRun } from '../../../core/test-suites.ts'
import { oneLine } from '../../../core/text.ts'
import { checkState } from '../check-state.ts'
import type { GitHubClient } from '../client/github-client.ts'
import { isUnseen } from '../failure-status.ts'
import type { WorkflowJob, WorkflowRun } from '../payloads.ts'
import { isOfJob } from '../workflow/job-id.ts'
import type { ArtifactDeps } from './artifact-report.ts'
import { countTests } from './count-tests.ts'

/** What a suite asks about: the newest run of its workflow, and the jobs of it that count. */
export interface SuiteSubject {
  suite: PlatformSuite
  run: WorkflowRun
  jobs: readonly WorkflowJob[]
}

/** These run on a merge with the base, or on the base itself: not on the commit they are listed for. */
const elsewhere = new Set([
  'pull_request',
  'pull_request_target',
  'pull_request_review',
  'pull_request_review_comment',
])

/** The newest attempt of the newest run of exactly this commit. */
export async function readSuite(
  deps: ArtifactDeps,
  sha: string,
  suite: PlatformSuite,
  contexts: readonly CommitContext[],
  signal?: AbortSignal,
): Promise<SuiteResult> {
  const { name, workflow, job } = suite
  const nothing = { run: null, report: null, counted_from: null, note: null, problem: null }
  const blank: SuiteResult = { name, workflow, job, sha, state: 'unknown', ...nothing }
  try {
    const runs = await runsOf(deps.client, workflow, sha)
    const run = newest(runs.filter(({ event }) => !elsewhere.has(event)))
    if (run === undefined) return { ...blank, state: 'missing', note: noteOn(runs) }
    const jobs = job === null ? [] : await jobsOf(deps.client, run, job)
    const state = stateOf(run, suite, jobs)
    const known: SuiteResult = { ...blank, state, run: runOf(run) }
    if (state === 'unknown') return { ...known, problem: `no job of ${workflow} is called ${job}` }
    if (state !== 'passed' && state !== 'failed') return known
    return { ...known, ...(await countTests(deps, { suite, run, jobs }, contexts, signal)) }
  } catch (error) {
    // Without permission, or a misspelt workflow: it stays so until somebody changes it.
    if (!isUnseen(error)) throw error
    const problem = `the runs of ${workflow} cannot be read: ${oneLine(error.message)}`
    return { ...blank, problem: `${problem}: look at github.tests in gonogo.yaml` }
  }
}

async function runsOf(client: GitHubClient, workflow: string, sha: string) {
  const { items } = await client.list<WorkflowRun>('/actions/workflows/{workflow_id}/runs', {
    params: { workflow_id: workflow, head_sha: sha },
    key: 'workflow_runs',
    most: 200,
  })
  return items.filter(({ head_sha }) => head_sha === sha)
}

function noteOn(runs: readonly WorkflowRun[]): string | null {
  return runs.length === 0 ? null : 'it ran for a pull request, which tests a merge of it'
}

function newest(runs: readonly WorkflowRun[]): WorkflowRun | undefined {
  return runs.toSorted((one, other) => (BigInt(one.id) > BigInt(other.id) ? -1 : 1))[0]
}

async function jobsOf(client: GitHubClient, run: WorkflowRun, job: string) {
  const { items, truncated } = await client.list<WorkflowJob>('/actions/runs/{run_id}/jobs', {
    params: { run_id: run.id, filter: 'latest' },
    key: 'jobs',
  })
  // One that failed may be among the others.
  if (truncated) throw tooManyJobs(run, items.length)
  const exact = items.filter(({ name }) => name === job)
  return exact.length > 0 ? exact : items.filter(({ name }) => isOfJob(name, job))
}

function tooManyJobs({ html_url }: WorkflowRun, most: number): Failure {
  return new Failure({
    code: 'pipeline_refused',
    message: `${oneLine(html_url)} has more than ${most} jobs, and not all of them were read: leave out job in github.tests, so that the run counts as a whole`,
    hint: 'gonogo config explain github.tests',
    details: { status: null },
  })
}

function stateOf(
  run: WorkflowRun,
  { job }: PlatformSuite,
  jobs: readonly WorkflowJob[],
): SuiteResult['state'] {
  const whole = checkState(run)
  if (job === null) return whole
  // A job that has not appeared yet may still do so.
  return worstState(jobs.map(checkState)) ?? (whole === 'pending' ? 'pending' : 'unknown')
}

function runOf(run: WorkflowRun): SuiteRun {
  const { id, event, run_attempt: attempt = 1, conclusion } = run
  return { id, attempt, event: oneLine(event, 40), conclusion, url: oneLine(run.html_url, 200) }
}
