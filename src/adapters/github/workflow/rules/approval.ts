import { sameName } from '../../same-name.ts'
import type { Job } from '../model.ts'
import type { PlannedJob } from '../plan.ts'
import type { RuleContext } from '../rule.ts'
import { ancestorsOf, calledBy, chainOf, type JobIn } from './jobs.ts'

/** Whether a job cannot begin unless one before it has verified an approval for this environment. */
export function verifiesApproval(context: RuleContext, planned: PlannedJob): boolean {
  const { environment } = context.request
  return isGuardedBy(
    context,
    planned,
    (job) => verifiesSomething(job) && !leavesOpen(job, environment),
  )
}

/** Whether it waits for a job that verifies approvals, also where that one leaves the environment open. */
export function waitsForGate(context: RuleContext, planned: PlannedJob): boolean {
  return isGuardedBy(context, planned, verifiesSomething)
}

/** Whether it cannot begin unless one before it has looked whose login consented, for this environment. */
export function verifiesLogins(context: RuleContext, planned: PlannedJob): boolean {
  const { environment } = context.request
  return isGuardedBy(
    context,
    planned,
    (job) =>
      verifiesSomething(job) &&
      looksAtLogins(job) &&
      job.continueOnError === null &&
      !leavesOpen(job, environment),
  )
}

function isGuardedBy(context: RuleContext, planned: PlannedJob, isGate: Gate): boolean {
  return chainOf(context, planned).some((found) => isGuarded(context, isGate, found, new Set()))
}

type Gate = (job: Job) => boolean

/** The jobs before it that verify one, whether or not it really waits for their success. */
export function gatesBefore(context: RuleContext, planned: PlannedJob): JobIn[] {
  return ancestorsOf(context, planned).filter(({ job }) => isIn(context, job, verifiesSomething))
}

/** A job that has ssh-keygen verify something. */
export function verifiesSomething({ steps }: Job): boolean {
  return steps.some(
    ({ run }) => run !== null && /ssh-keygen/.test(run.text) && /\bverify\b/.test(run.text),
  )
}

/** A job that is told whose comments count. */
function looksAtLogins(job: Job): boolean {
  return variablesOf(job).some(({ text }) => /GONOGO_APPROVER_LOGINS/.test(text))
}

/** As the reference workflow says it: `OPEN` are the environments that want no approval. */
function leavesOpen(job: Job, environment: string | null): boolean {
  const open = variablesOf(job).filter(({ name }) => name === 'OPEN')
  return open.some(({ text }) => text.split(/\s+/).some((name) => sameName(name, environment)))
}

function variablesOf({ steps, env }: Job): { name: string; text: string }[] {
  return [...env, ...steps.flatMap((step) => step.env)].flatMap(({ key, value }) =>
    value.kind === 'text' ? [{ name: key.text, text: value.text }] : [],
  )
}

/** The job itself, or a job of the workflow it calls. */
function isIn(context: RuleContext, job: Job, isGate: Gate): boolean {
  return isGate(job) || (calledBy(context, job)?.jobs.some(isGate) ?? false)
}

/** `seen` is shared by all ways: there can be more of them than anybody could go. */
function isGuarded(
  context: RuleContext,
  isGate: Gate,
  { workflow, job }: JobIn,
  seen: Set<string>,
): boolean {
  if (seen.has(job.id)) return false
  seen.add(job.id)
  const needed = job.needs.flatMap(({ text }) => workflow.jobs.filter(({ id }) => id === text))
  return needed.some(
    (other) =>
      waitsFor(job, other.id) &&
      (isIn(context, other, isGate) || isGuarded(context, isGate, { workflow, job: other }, seen)),
  )
}

/** With a status function in its condition, a job runs after a failure, too, unless it asks for the result. */
function waitsFor(job: Job, id: string): boolean {
  const condition = job.if?.text ?? ''
  if (!/\b(?:always|failure|cancelled)\s*\(/i.test(condition)) return true
  const [dotted, quoted] = [`needs\\.${id}\\.result`, `needs\\['${id}'\\]\\.result`]
  return new RegExp(`(?:${dotted}|${quoted})\\s*==\\s*'success'`, 'i').test(condition)
}
