import { defaultBranchOf } from '../default-branch.ts'
import type { Reading } from './deps.ts'
import type { JobFacts, RunFacts } from './facts.ts'
import { targetJobs } from '../runs/target-job.ts'
import { titleOf } from './workflow-facts.ts'

/**
 * Whether a run verified a signed request before it deployed: its approval job succeeded, in that same
 * attempt, in the configured workflow as the configured branch has it. On another branch, whoever may
 * push there wrote the job. Null while it goes on.
 */
export async function verifiedConsent(
  reading: Reading,
  run: RunFacts,
  attempt: number,
): Promise<boolean | null> {
  // Only a run that somebody started with inputs can have been given a signed request.
  if (run.event !== 'workflow_dispatch' || !isConfigured(reading, run)) return false
  const title = await titleOf(reading, run, reading.settings.approval_job)
  const jobs = run.jobs.filter((job) => job.attempt === attempt)
  const [job] = targetJobs(jobs, [title]).filter((one) => !isCarriedOver(run, one))
  if (job === undefined) return run.completed || attempt < run.attempt ? false : null
  if (job.conclusion === null) return null
  if (job.conclusion !== 'success') return false
  const { ref } = reading.settings
  return run.head_branch === (ref ?? (await defaultBranchOf(reading.client)))
}

/** "Re-run failed jobs" lists what succeeded before again, as it was: nothing was verified anew. */
function isCarriedOver({ jobs }: RunFacts, { name, attempt, started_at, ended_at }: JobFacts) {
  return jobs.some(
    (job) =>
      job.attempt < attempt &&
      job.name === name &&
      job.started_at === started_at &&
      job.ended_at === ended_at,
  )
}

function isConfigured({ settings, environments }: Reading, { path }: RunFacts): boolean {
  const names = [settings.workflow, ...environments.map(({ github }) => github.workflow)]
  return names.some((name) => name !== null && path === `.github/workflows/${name}`)
}
