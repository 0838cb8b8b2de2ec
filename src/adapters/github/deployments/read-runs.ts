import { Failure } from '../../../core/failure.ts'
import { failureStatus } from '../failure-status.ts'
import type { WorkflowJob, WorkflowRun } from '../payloads.ts'
import { hasStarted } from '../runs/target-job.ts'
import type { Reading } from './deps.ts'
import type { JobFacts, RunFacts } from './facts.ts'

/** A run as lists and single answers give it. */
export type ListedRun = WorkflowRun & { path: string; head_branch: string | null }

/** How far back one look goes. */
const newest = 50

/** The newest runs of a workflow; none when GitHub does not know the workflow. */
export async function listRuns(
  { client }: Pick<Reading, 'client'>,
  workflow: string,
): Promise<ListedRun[]> {
  const route = '/actions/workflows/{workflow_id}/runs'
  const params = { workflow_id: workflow, per_page: newest }
  const answer = await client.find<{ workflow_runs: ListedRun[] }>(route, params)
  return answer?.data.workflow_runs ?? []
}

/**
 * A run with its jobs; null when GitHub does not have it any more. `listed` saves asking for it;
 * `wanted` are jobs that must be among its jobs, or it ran again since it was remembered.
 */
export async function readRun(
  reading: Reading,
  id: string,
  { listed, wanted = [] }: { listed?: ListedRun | undefined; wanted?: readonly string[] } = {},
): Promise<RunFacts | null> {
  const known = reading.memory.runs.get(id)
  if (known && isCurrent(known, listed, wanted)) return known
  const run = listed ?? (await findRun(reading, id))
  if (run === null) return null
  const params = { run_id: id, filter: 'all' }
  const key = 'jobs'
  const { items } = await reading.client.list<WorkflowJob>('/actions/runs/{run_id}/jobs', {
    params,
    key,
  })
  const facts = factsOf(run, items)
  reading.memory.runs.set(id, facts)
  return facts
}

async function findRun({ client }: Reading, id: string): Promise<ListedRun | null> {
  try {
    const answer = await client.find<ListedRun>('/actions/runs/{run_id}', { run_id: id })
    return answer?.data ?? null
  } catch (error) {
    if (error instanceof Failure && failureStatus(error) === 410) return null
    throw error
  }
}

function isCurrent(
  known: RunFacts,
  listed: ListedRun | undefined,
  wanted: readonly string[],
): boolean {
  const jobs = new Set(known.jobs.map((job) => job.id))
  const again = listed !== undefined && attemptOf(listed) !== known.attempt
  return known.completed && !again && wanted.every((id) => jobs.has(id))
}

function factsOf(run: ListedRun, jobs: readonly WorkflowJob[]): RunFacts {
  return {
    id: run.id,
    attempt: attemptOf(run),
    path: run.path.replace(/@.*$/, ''),
    event: run.event,
    head_sha: run.head_sha,
    head_branch: run.head_branch,
    title: run.display_title,
    starter: run.actor?.login ?? null,
    actor: (run.triggering_actor ?? run.actor)?.login ?? null,
    // The jobs were read after the run: only if both are over is there nothing more to come.
    completed: run.status === 'completed' && jobs.every(({ status }) => status === 'completed'),
    conclusion: run.conclusion,
    created_at: Date.parse(run.created_at),
    jobs: jobs.map(jobFacts),
  }
}

function jobFacts(job: WorkflowJob): JobFacts {
  const over = job.status === 'completed'
  return {
    id: job.id,
    attempt: job.run_attempt ?? 1,
    name: job.name,
    conclusion: over ? job.conclusion : null,
    waiting: job.status === 'waiting',
    began: hasStarted(job),
    started_at: timeOf(job.started_at),
    ended_at: over ? timeOf(job.completed_at) : null,
  }
}

function attemptOf({ run_attempt }: ListedRun): number {
  return run_attempt ?? 1
}

function timeOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}
