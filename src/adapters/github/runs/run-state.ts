import { oneLine } from '../../../core/text.ts'
import type { Run } from '../../../ports/pipeline.ts'
import type { WorkflowJob, WorkflowRun } from '../payloads.ts'
import { hasStarted } from './target-job.ts'

/** What is known of a run that has ended. */
export interface EndedRun {
  run: WorkflowRun
  jobs: readonly WorkflowJob[]
  /** The jobs that deploy; empty when none of them ran, or none is known. */
  targets: readonly WorkflowJob[]
  /** What they are called, for when there is none. */
  titles: readonly string[]
  /** Name of the GitHub environment. */
  environment: string
  /** Who rejected it and why; null when nobody did. */
  rejection: string | null
}

export type Verdict = Pick<Run, 'state' | 'step' | 'cause'>

/**
 * How a deployment ended: as its own job did. A run that is green without it deployed nothing, and one
 * that is red because of a later job did deploy.
 */
export function verdictOf(ended: EndedRun): Verdict {
  const { run, targets, rejection } = ended
  const attempt = (run.run_attempt ?? 1) > 1 ? ` (attempt ${run.run_attempt})` : ''
  const told = (verdict: Verdict): Verdict => ({
    ...verdict,
    cause: verdict.cause === null ? null : oneLine(verdict.cause + attempt, 300),
  })
  if (rejection !== null) return told(failed(rejection))
  if (targets.length === 0) return told(withoutTarget(ended))
  const worst = worstOf(targets)
  if (worst.conclusion === 'success') return told(succeeded(ended))
  return told(unsuccessful(ended, worst))
}

function succeeded({ jobs, targets }: EndedRun): Verdict {
  const later = jobs.find((job) => !targets.includes(job) && isFailed(job))
  const cause = later ? `it was deployed; ${failureOf(later)} in the same run` : null
  return { state: 'succeeded', step: null, cause }
}

function withoutTarget({ run, jobs, titles, environment }: EndedRun): Verdict {
  const what =
    titles.length > 0
      ? `its job ${titles.join(', ')} is not among those that ran`
      : `none of its jobs is known to deploy to ${environment}: name it in environments.*.github.job`
  if (run.conclusion === 'success') return failed(`the run was green, but ${what}`)
  if (run.conclusion === 'cancelled') return evicted
  return ofConclusion(run.conclusion, culprit(jobs))
}

function unsuccessful({ run, jobs, targets }: EndedRun, worst: WorkflowJob): Verdict {
  if (worst.conclusion === 'cancelled' && !isSwitched(targets)) return evicted
  if (worst.conclusion !== 'skipped') {
    return ofConclusion(worst.conclusion, isFailed(worst) ? worst : culprit(jobs))
  }
  const names = targets.filter(({ conclusion }) => conclusion === 'skipped').map(({ name }) => name)
  const skipped = `its job ${names.join(', ')} was skipped`
  const blamed = culprit(jobs)
  if (blamed) return failed(`${failureOf(blamed)}, so ${skipped}`, stepOf(blamed))
  if (run.conclusion === 'success') {
    return failed(`the run was green, but ${skipped}: its condition was not met`)
  }
  return ofConclusion(run.conclusion, undefined)
}

/** A group keeps one run that waits: the next one takes its place, and GitHub does not say so. */
const evicted: Verdict = {
  state: 'cancelled',
  step: null,
  cause:
    'it was cancelled before it deployed: by a person, or by a newer run of its concurrency group',
}

/** GitHub's words for how something ended; new ones are no success. */
function ofConclusion(conclusion: string | null, blamed: WorkflowJob | undefined): Verdict {
  const step = blamed ? stepOf(blamed) : null
  switch (conclusion ?? 'completed') {
    case 'cancelled':
      return { state: 'cancelled', step: null, cause: 'it was cancelled on GitHub' }
    case 'stale':
      return { state: 'lost', step: null, cause: 'GitHub gave it up without an outcome (stale)' }
    case 'startup_failure':
      return failed('GitHub could not start it: the workflow has an error')
    case 'timed_out':
      return failed(blamed ? `${failureOf(blamed)}: out of time` : 'it ran out of time', step)
    default:
      return failed(
        blamed ? failureOf(blamed) : `GitHub calls it ${oneLine(conclusion ?? 'completed', 40)}`,
        step,
      )
  }
}

function failed(cause: string, step: string | null = null): Verdict {
  return { state: 'failed', step, cause }
}

const failures = new Set(['failure', 'timed_out', 'startup_failure'])

function isFailed({ conclusion }: WorkflowJob): boolean {
  return failures.has(conclusion ?? '')
}

function culprit(jobs: readonly WorkflowJob[]): WorkflowJob | undefined {
  return jobs.find(isFailed)
}

function failureOf(job: WorkflowJob): string {
  const step = failingStep(job)
  return step === undefined ? `job ${job.name} failed` : `job ${job.name} failed at step ${step}`
}

/** The step to blame, as people find it: job and step. */
function stepOf(job: WorkflowJob): string {
  const step = failingStep(job)
  return oneLine(step === undefined ? job.name : `${job.name} / ${step}`, 200)
}

function failingStep({ steps = [] }: WorkflowJob): string | undefined {
  return steps.find(({ conclusion }) => conclusion === 'failure' || conclusion === 'timed_out')
    ?.name
}

/** Of several jobs that deploy, all must have succeeded. */
function worstOf(targets: readonly WorkflowJob[]): WorkflowJob {
  const order = ['success', 'skipped', 'cancelled']
  const rank = ({ conclusion }: WorkflowJob) => {
    const place = order.indexOf(conclusion ?? '')
    return place === -1 ? order.length : place
  }
  return targets.reduce((worst, job) => (rank(job) > rank(worst) ? job : worst))
}

/** Where a run is that goes on: its job and step. */
export function currentStep(jobs: readonly WorkflowJob[]): string | null {
  const job = jobs.find(({ status }) => status === 'in_progress')
  if (job === undefined) return null
  const step = job.steps?.find(({ status }) => status === 'in_progress')?.name
  const attempt = (job.run_attempt ?? 1) > 1 ? `attempt ${job.run_attempt}: ` : ''
  return oneLine(`${attempt}${job.name}${step === undefined ? '' : ` / ${step}`}`, 200)
}

export function isSwitched(targets: readonly WorkflowJob[]): boolean {
  return targets.some(hasStarted)
}
