import type { Job, Step, Workflow } from '../model.ts'
import type { PlannedJob } from '../plan.ts'
import type { PreflightRequest, RuleContext } from '../rule.ts'
import { sameName } from '../../same-name.ts'
import { isOfJob } from '../job-id.ts'
import { deploys, isProduction, isTest } from './words.ts'

/** A job and the file it stands in. */
export interface JobIn {
  workflow: Workflow
  job: Job
}

export interface StepIn extends JobIn {
  step: Step
}

/** The file that is examined and the local ones it calls, each once. */
export function filesOf({ workflow, plan }: RuleContext): Workflow[] {
  const byName = new Map(plan.jobs.map((planned) => [planned.workflow.file, planned.workflow]))
  return [...byName.set(workflow.file, workflow).values()]
}

export function jobsOf(context: RuleContext): JobIn[] {
  return filesOf(context).flatMap((workflow) => workflow.jobs.map((job) => ({ workflow, job })))
}

export function stepsOf(context: RuleContext): StepIn[] {
  return jobsOf(context).flatMap((found) => found.job.steps.map((step) => ({ ...found, step })))
}

/** Whether it is the job that the request names, without an environment of its own. */
export function isNamedTarget({ job: named }: PreflightRequest, { id, job }: PlannedJob): boolean {
  return named != null && job.environment === null && isOfJob(id, named)
}

/**
 * The jobs that deploy: those that name the environment asked for, or may do so, and the one the request
 * names. Where there is none of either, those that look like it. Jobs that will not run do nothing.
 */
export function deployJobs({ request, plan }: RuleContext): PlannedJob[] {
  const may = plan.jobs.filter(({ runs }) => runs !== false)
  const told = may.filter((one) => one.job.environment !== null || isNamedTarget(request, one))
  if (told.length === 0) return may.filter(({ job }) => looksLikeDeploying(job))
  return told.filter(
    (one) =>
      request.environment === null ||
      one.environmentUnknown !== null ||
      sameName(one.environment, request.environment) ||
      isNamedTarget(request, one),
  )
}

function looksLikeDeploying({ id, name, steps }: Job): boolean {
  if (isTest(`${id} ${name?.text ?? ''}`)) return false
  return deploys(`${id} ${name?.text ?? ''}`) || steps.some((step) => deploys(step.run?.text ?? ''))
}

/** Whether it may deploy to production: by name, or because only the inputs say where to. */
export function mayReachProduction({ request }: RuleContext, planned: PlannedJob): boolean {
  const { job, environment, environmentUnknown } = planned
  if (job.environment === null)
    return isNamedTarget(request, planned) && isProduction(request.environment ?? '')
  const chosen = job.environment.name.text.includes('${{')
  return chosen || environmentUnknown !== null || isProduction(environment ?? '')
}

/** The job and the ones that call its workflow, outermost first. */
export function chainOf(context: RuleContext, { id, job, workflow }: PlannedJob): JobIn[] {
  const chain: JobIn[] = []
  let file: Workflow | undefined = context.workflow
  for (const part of id.split(' / ').slice(0, -1)) {
    const caller: Job | undefined = file?.jobs.find((one) => isOfJob(part, one.id))
    if (!file || !caller) break
    chain.push({ workflow: file, job: caller })
    file = calledBy(context, caller)
  }
  return [...chain, { workflow, job }]
}

/** The local workflow that does a job's work. */
export function calledBy(context: RuleContext, { uses }: Job): Workflow | undefined {
  const path = uses?.text.replace(/^\.\//, '')
  return filesOf(context).find((candidate) => candidate.file === path)
}

/** All jobs that must end before this one begins, however far away. */
export function ancestorsOf(context: RuleContext, planned: PlannedJob): JobIn[] {
  const chain = chainOf(context, planned)
  return [...chain.slice(0, -1), ...chain.flatMap(neededBy)]
}

/** What a job waits for within its own file. */
function neededBy({ workflow, job }: JobIn): JobIn[] {
  const found = new Map<string, JobIn>()
  const queue = job.needs.map(({ text }) => text)
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    const needed = workflow.jobs.find((candidate) => candidate.id === id)
    if (!needed || found.has(id)) continue
    found.set(id, { workflow, job: needed })
    queue.push(...needed.needs.map(({ text }) => text))
  }
  return [...found.values()]
}

/** Each job once: a matrix plans one several times. */
export function once(jobs: readonly PlannedJob[]): PlannedJob[] {
  return [...new Map(jobs.map((planned) => [planned.job, planned])).values()]
}
