import type { Job } from '../model.ts'
import type { PlannedJob } from '../plan.ts'
import type { RuleContext } from '../rule.ts'
import { ancestorsOf, calledBy, chainOf, type JobIn } from './jobs.ts'

/** Whether a job cannot begin unless one before it has verified the signature of an approval. */
export function verifiesApproval(context: RuleContext, planned: PlannedJob): boolean {
  return chainOf(context, planned).some((found) => isGuarded(context, found, new Set()))
}

/** The jobs before it that verify one, whether or not it really waits for their success. */
export function gatesBefore(context: RuleContext, planned: PlannedJob): JobIn[] {
  return ancestorsOf(context, planned).filter(({ job }) => isGate(context, job))
}

/** A job that has ssh-keygen verify something. */
export function verifiesSomething({ steps }: Job): boolean {
  return steps.some(
    ({ run }) => run !== null && /ssh-keygen/.test(run.text) && /\bverify\b/.test(run.text),
  )
}

/** The job itself, or a job of the workflow it calls. */
function isGate(context: RuleContext, job: Job): boolean {
  return verifiesSomething(job) || (calledBy(context, job)?.jobs.some(verifiesSomething) ?? false)
}

/** `seen` is shared by all ways: there can be more of them than anybody could go. */
function isGuarded(context: RuleContext, { workflow, job }: JobIn, seen: Set<string>): boolean {
  if (seen.has(job.id)) return false
  seen.add(job.id)
  const needed = job.needs.flatMap(({ text }) => workflow.jobs.filter(({ id }) => id === text))
  return needed.some(
    (other) =>
      waitsFor(job, other.id) &&
      (isGate(context, other) || isGuarded(context, { workflow, job: other }, seen)),
  )
}

/** With a status function in its condition, a job runs after a failure, too, unless it asks for the result. */
function waitsFor(job: Job, id: string): boolean {
  const condition = job.if?.text ?? ''
  if (!/\b(?:always|failure|cancelled)\s*\(/i.test(condition)) return true
  const [dotted, quoted] = [`needs\\.${id}\\.result`, `needs\\['${id}'\\]\\.result`]
  return new RegExp(`(?:${dotted}|${quoted})\\s*==\\s*'success'`, 'i').test(condition)
}
