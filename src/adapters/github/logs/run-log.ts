import { join } from 'node:path'
import { oneLine } from '../../../core/text.ts'
import type { RunLog } from '../../../ports/pipeline.ts'
import type { GitHubClient } from '../client/github-client.ts'
import type { GitHubPipelineDeps } from '../deps.ts'
import type { KnownRun } from '../runs/look-at-run.ts'
import type { WorkflowJob, WorkflowStep } from '../payloads.ts'
import { targetJobs } from '../runs/target-job.ts'
import { reasonOf } from '../archive/archive-problem.ts'
import { readJobPart, type JobPartDeps } from './job-part.ts'
import { createLogCache } from './log-cache.ts'
import { endedBadly, failedStep, subjectOf, type LoggedRun } from './subject.ts'

const defaultMaxBytes = 64 * 1024
/** Jobs that ended while others go on: the ones before them are history. */
const mostFinished = 10

/**
 * The end of a run's log. When the run has ended: the step that failed, under its name, else the end of
 * the job that deploys. While it goes on: a line for each job, and the log of one that failed. Each log
 * read is a request that counts, and nobody needs that of a job that went well before the end. What
 * cannot be read is said in a line of its own. GitHub keeps no log that grows, so that each answer is
 * the end anew: the cursor only counts the bytes handed over.
 */
export async function readRunLog(
  deps: Pick<GitHubPipelineDeps, 'client' | 'stateDirectory' | 'runtime' | 'secrets'>,
  { run_id, titles }: Pick<KnownRun, 'run_id' | 'titles'>,
  { cursor = 0, maxBytes = defaultMaxBytes }: { cursor?: number; maxBytes?: number } = {},
): Promise<RunLog> {
  const directory = join(deps.stateDirectory, 'github')
  const cache = createLogCache(join(directory, 'logs'), deps.runtime)
  const reading = {
    client: deps.client,
    cache,
    scratch: directory,
    now: () => deps.runtime.now(),
    secrets: deps.secrets,
  }
  const jobs = await jobsOf(deps.client, run_id)
  const text =
    typeof jobs === 'string'
      ? `${note(`the log cannot be read: ${jobs}`)}\n`
      : await textOf(reading, { run_id, jobs, targets: targetJobs(jobs, titles) }, maxBytes)
  return { text, cursor: cursor + Buffer.byteLength(text) }
}

/** The same request as for the state of the run, so that it costs nothing; or why it failed. */
async function jobsOf(client: GitHubClient, run_id: string): Promise<WorkflowJob[] | string> {
  const params = { run_id, filter: 'latest' }
  try {
    const options = { params, key: 'jobs' }
    return (await client.list<WorkflowJob>('/actions/runs/{run_id}/jobs', options)).items
  } catch (error) {
    return reasonOf(error)
  }
}

async function textOf(deps: JobPartDeps, run: LoggedRun, maxBytes: number): Promise<string> {
  if (run.jobs.length === 0) return fit([], [note('no job of it has begun')], maxBytes)
  const open = run.jobs.filter(({ status }) => status !== 'completed')
  if (open.length === 0) {
    const subject = subjectOf(run)
    if (subject === null) return fit([], [note('none of its jobs ran')], maxBytes)
    const { head, lines } = await sectionOf(deps, run, subject)
    return `${head}\n${fit(lines, [], maxBytes - Buffer.byteLength(head) - 1)}`
  }
  const sections: string[] = []
  for (const job of lastFinished(run.jobs)) {
    const section = endedBadly(job) ? await sectionOf(deps, run, job) : null
    sections.push(section?.head ?? headOf(job, null), ...(section?.lines ?? []))
  }
  return fit(sections, open.map(goingOn), maxBytes)
}

async function sectionOf(deps: JobPartDeps, { run_id }: LoggedRun, job: WorkflowJob) {
  const step = failedStep(job)
  const { lines, problem } = await readJobPart(deps, { run_id, job, step })
  const missing = problem === null ? [] : [note(`not the whole log: ${problem}`)]
  return { head: headOf(job, step), lines: [...lines, ...missing] }
}

function headOf(job: WorkflowJob, step: WorkflowStep | null): string {
  const name = step === null ? job.name : `${job.name} / ${step.name}`
  return note(`${oneLine(name, 120)} (${wordFor((step ?? job).conclusion)})`)
}

function lastFinished(jobs: readonly WorkflowJob[]): WorkflowJob[] {
  return jobs
    .filter(({ status, conclusion }) => status === 'completed' && conclusion !== 'skipped')
    .toSorted((one, other) => (one.completed_at ?? '').localeCompare(other.completed_at ?? ''))
    .slice(-mostFinished)
}

function goingOn(job: WorkflowJob): string {
  const step = job.steps?.find(({ status }) => status === 'in_progress')
  const name = oneLine(step ? `${job.name} / ${step.name}` : job.name, 120)
  return note(`${name} (${wordFor(job.status)})`)
}

const words: Readonly<Record<string, string>> = {
  failure: 'failed',
  success: 'succeeded',
  timed_out: 'timed out',
  in_progress: 'running',
}

function wordFor(state: string | null): string {
  return words[state ?? ''] ?? oneLine((state ?? 'unknown').replaceAll('_', ' '), 40)
}

function note(text: string): string {
  return `== ${text} ==`
}

/** The last of the lines, as many as fit before the last ones. */
function fit(lines: readonly string[], last: readonly string[], maxBytes: number): string {
  const all = [...lines, ...last]
  let first = all.length
  let bytes = 0
  while (first > 0) {
    bytes += Buffer.byteLength(all[first - 1]!) + 1
    if (bytes > maxBytes) break
    first--
  }
  return all
    .slice(first)
    .map((line) => `${line}\n`)
    .join('')
}
