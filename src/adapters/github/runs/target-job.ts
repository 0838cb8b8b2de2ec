import type { WorkflowJob } from '../payloads.ts'
import { isOfJob } from '../workflow/job-id.ts'

/**
 * The jobs of a run that deploy, by the titles they were planned with: the job itself, each of its
 * matrix (`deploy (eu)`), and what a called workflow makes of it (`call / deploy`).
 */
export function targetJobs<T extends { name: string }>(
  jobs: readonly T[],
  titles: readonly string[],
): T[] {
  const exact = jobs.filter(({ name }) => titles.includes(name))
  if (exact.length > 0) return exact
  return jobs.filter(({ name }) => titles.some((title) => isOfJob(name, title)))
}

/** Whether any of it was carried out. A job that was skipped, or ended before a runner took it, was not. */
export function hasStarted({ status, conclusion, steps = [] }: WorkflowJob): boolean {
  if (status === 'in_progress') return true
  if (status !== 'completed' || conclusion === 'skipped') return false
  return conclusion === 'success' || steps.some((step) => step.conclusion !== 'skipped')
}
