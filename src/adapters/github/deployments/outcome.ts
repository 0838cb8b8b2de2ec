import { oneLine } from '../../../core/text.ts'
import type { ObservedDeployment } from '../../../core/observed.ts'
import { targetJobs } from '../runs/target-job.ts'
import type { DeploymentFacts, JobFacts, RunFacts } from './facts.ts'

/** How a deployment went. */
export interface Outcome extends Judgement {
  /** Whether any of its jobs reached the environment. */
  began: boolean
  /** Whether the job that finishes it began: from then on the environment may run something else. */
  changed: boolean
}

type Judgement = Pick<ObservedDeployment, 'status' | 'cause' | 'completed_at'>

/** What there is to judge one attempt of a run by, about one environment. */
export interface Evidence {
  run: RunFacts
  attempt: number
  /** What GitHub recorded for the environment. */
  deployments: readonly DeploymentFacts[]
  /** The jobs whose success is the deployment's; null when that is not known. */
  finishing: Finishing | null
}

export interface Finishing {
  /** Titles of jobs. */
  titles: readonly string[]
  /** All of them have to succeed; else those that were not skipped, and at least one. */
  all: boolean
}

/**
 * The outcome is that of the jobs that deploy, never the run's conclusion: a run is green when the job
 * that deploys was skipped. Null: nothing was deployed, and nothing tried to.
 */
export function outcomeOf(evidence: Evidence): Outcome | null {
  const { run, attempt, deployments, finishing } = evidence
  const jobs = run.jobs.filter((job) => job.attempt === attempt)
  const linked = new Set(deployments.map(({ job_id }) => job_id))
  const last = ofHere(finishing ? targetJobs(jobs, finishing.titles) : [], linked)
  const finished = last.filter(wasNotSkipped)
  const judged = jobs.filter((job) => linked.has(job.id) || finished.includes(job))
  if (deployments.length === 0 && finished.length === 0) return null
  if (judged.length === 0 && !finishing) return recordedOutcome(deployments)
  const judgement = judge(evidence, { last, finished, judged })
  const changing = last.length > 0 ? last : judged
  return { ...judgement, began: judged.some(hasBegun), changed: changing.some(hasBegun) }
}

/** A matrix may deploy to several environments: GitHub recorded which of its jobs deployed to this one. */
function ofHere(jobs: JobFacts[], linked: ReadonlySet<string | null>): JobFacts[] {
  if (!jobs.some(({ id }) => linked.has(id))) return jobs
  return jobs.filter((job) => linked.has(job.id) || !wasNotSkipped(job) || isQueued(job))
}

function isQueued({ conclusion, began, waiting }: JobFacts): boolean {
  return conclusion === null && !began && !waiting
}

function judge(
  { run, attempt, finishing }: Evidence,
  { last, finished, judged }: Record<'last' | 'finished' | 'judged', readonly JobFacts[]>,
): Judgement {
  const open = openOutcome(judged.filter(wasNotSkipped))
  if (open) return open
  const reached = finished.length > 0 && !(finishing?.all && finished.length < last.length)
  if (reached) return succeeded(finished)
  if (attempt === run.attempt && !run.completed) return going('in_progress')
  return finishing ? notReached(run, last, finishing.titles) : succeeded(judged)
}

function hasBegun({ began }: JobFacts): boolean {
  return began
}

/** What already keeps it from being a success; null when nothing does. */
function openOutcome(jobs: readonly JobFacts[]): Judgement | null {
  const bad = jobs.find(({ conclusion }) => conclusion !== null && conclusion !== 'success')
  if (bad) return ended(bad)
  if (jobs.some(({ waiting }) => waiting)) return going('waiting_approval')
  return jobs.some(({ conclusion }) => conclusion === null) ? going('in_progress') : null
}

function wasNotSkipped({ conclusion }: JobFacts): boolean {
  return conclusion !== 'skipped'
}

/** For deployments no run is known of: what was said about them last. */
export function recordedOutcome(deployments: readonly DeploymentFacts[]): Outcome {
  const began = deployments.some(({ state }) => !untouched.has(state))
  return { ...recordedJudgement(deployments), began, changed: began }
}

/** Of a failure nobody says how far it came. */
const untouched = new Set<DeploymentFacts['state']>(['silent', 'queued', 'waiting', 'inactive'])

function recordedJudgement(deployments: readonly DeploymentFacts[]): Judgement {
  const states = deployments.map(({ state }) => state)
  const ends = deployments.flatMap(({ ended_at }) => ended_at ?? [])
  const completed_at = ends.length > 0 ? Math.max(...ends) : null
  if (states.includes('failure')) {
    return { status: 'failure', cause: 'GitHub has it as failed', completed_at }
  }
  if (states.includes('waiting')) return going('waiting_approval')
  if (states.every((state) => state === 'success')) {
    return { status: 'success', cause: null, completed_at }
  }
  if (states.every((state) => state === 'success' || state === 'inactive')) {
    const cause = 'GitHub has it as inactive, and never had it as a success'
    return { status: 'cancelled', cause, completed_at }
  }
  return going('in_progress')
}

function going(status: 'in_progress' | 'waiting_approval'): Judgement {
  return { status, cause: null, completed_at: null }
}

function succeeded(jobs: readonly JobFacts[]): Judgement {
  return { status: 'success', cause: null, completed_at: endOf(jobs) }
}

function ended(job: JobFacts): Judgement {
  const cancelled = job.conclusion === 'cancelled'
  return {
    status: cancelled ? 'cancelled' : 'failure',
    cause: oneLine(`its job ${job.name} ended as ${job.conclusion}`),
    completed_at: job.ended_at,
  }
}

function notReached(
  run: RunFacts,
  jobs: readonly JobFacts[],
  titles: readonly string[],
): Judgement {
  const skipped = jobs.filter((job) => !wasNotSkipped(job))
  const names = skipped.length > 0 ? skipped.map(({ name }) => name) : titles
  const how = skipped.length > 0 ? 'was skipped' : 'never ran'
  const color = run.conclusion === 'success' ? 'the run was green, but its' : 'its'
  return {
    status: 'failure',
    cause: oneLine(`${color} job ${names.join(', ')} ${how}`),
    completed_at: endOf(run.jobs),
  }
}

function endOf(jobs: readonly JobFacts[]): number | null {
  const ends = jobs.flatMap(({ ended_at }) => ended_at ?? [])
  return ends.length > 0 ? Math.max(...ends) : null
}
