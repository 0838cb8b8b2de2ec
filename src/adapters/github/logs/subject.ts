import type { WorkflowJob, WorkflowStep } from '../payloads.ts'

export interface LoggedRun {
  run_id: string
  /** All of the latest attempt. */
  jobs: readonly WorkflowJob[]
  /** Those whose outcome is the deployment's. */
  targets: readonly WorkflowJob[]
}

const bad = new Set(['failure', 'timed_out', 'cancelled', 'startup_failure'])

/** Whether its end is one that somebody will want to see the log of. */
export function endedBadly({ conclusion }: WorkflowJob): boolean {
  return bad.has(conclusion ?? '')
}

/** The step that made a job fail, if the job failed by one. */
export function failedStep({ conclusion, steps }: WorkflowJob): WorkflowStep | null {
  if (!bad.has(conclusion ?? '')) return null
  const failed = steps?.find((step) => bad.has(step.conclusion ?? ''))
  return failed ?? null
}

/** Of a run that has ended, the job that a person would look at first; null when none ran. */
export function subjectOf({ jobs, targets }: LoggedRun): WorkflowJob | null {
  const ran = jobs
    .filter(({ conclusion }) => conclusion !== 'skipped')
    .toSorted((one, other) => (one.completed_at ?? '').localeCompare(other.completed_at ?? ''))
  const deploying = ran.filter(({ id }) => targets.some((target) => target.id === id))
  const from = deploying.length > 0 ? deploying : ran
  return firstBad(from) ?? from.at(-1) ?? null
}

/** The first that failed is why the others did or were cancelled, more often than the last. */
function firstBad(jobs: readonly WorkflowJob[]): WorkflowJob | undefined {
  const broken = jobs.filter(({ conclusion }) => bad.has(conclusion ?? ''))
  return broken.find(({ conclusion }) => conclusion !== 'cancelled') ?? broken[0]
}
