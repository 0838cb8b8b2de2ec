import { dispatchInputs, githubContext, variablesContext, type Trigger } from './contexts.ts'
import { sameName } from '../same-name.ts'
import { jobScope } from './decide.ts'
import { concurrencyOf } from './describe-job.ts'
import type { Scope } from './evaluate.ts'
import { startOf } from './events.ts'
import type { Workflow } from './model.ts'
import { planJobs } from './plan-jobs.ts'
import type { PlannedJob, WorkflowPlan } from './plan.ts'
import { partial } from './value.ts'

export interface PlanOptions {
  trigger: Trigger
  /** Reads another file of the same commit; null when there is none. */
  readFile(path: string): Promise<string | null>
  /** How environments are spelt; GitHub does not tell upper from lower case. */
  environments?: readonly string[]
}

/** Works out what an event would make of a workflow. Every job that runs is taken to succeed. */
export async function planWorkflow(
  workflow: Workflow,
  options: PlanOptions,
): Promise<WorkflowPlan> {
  const { trigger } = options
  const contexts = workflowContexts(workflow, trigger)
  const scope = jobScope({ contexts, needs: [] })
  const { starts, reason } = startOf(workflow, trigger)
  const { jobs, problems } = await planJobs(workflow, {
    contexts,
    readFile: (path) => options.readFile(path),
  })
  const planned = jobs.map((job) => spelt(notStarted(job, starts, reason), options.environments))
  return {
    starts,
    notStarted: reason,
    concurrency: concurrencyOf(workflow.concurrency, scope),
    jobs: planned,
    deploys: environmentsOf(planned),
    unknown: [
      ...(starts === null ? [`whether ${workflow.file} starts: ${reason}`] : []),
      ...planned.flatMap(whatIsOpen),
    ],
    problems,
  }
}

/** `github`, `inputs` and `vars` for whatever starts a workflow. */
function workflowContexts(workflow: Workflow, trigger: Trigger): Scope['contexts'] {
  const dispatched = trigger.event === 'workflow_dispatch'
  return {
    github: githubContext(trigger, workflow.inputs),
    inputs: dispatched ? dispatchInputs(workflow.inputs, trigger.inputs) : partial({}),
    vars: variablesContext(trigger.variables),
  }
}

function notStarted(job: PlannedJob, starts: boolean | null, reason: string | null): PlannedJob {
  if (starts === false) return { ...job, runs: false, reason: `not started: ${reason}` }
  return starts === null && job.runs ? { ...job, runs: null, reason: reason ?? '' } : job
}

function spelt(job: PlannedJob, names: readonly string[] = []): PlannedJob {
  const known = names.find((name) => sameName(name, job.environment))
  return known === undefined ? job : { ...job, environment: known }
}

function environmentsOf(jobs: readonly PlannedJob[]): string[] {
  const names = jobs.flatMap(({ runs, environment }) =>
    runs === true && environment !== null ? [environment] : [],
  )
  return [...new Set(names)]
}

/** What may decide about a deployment: a job without an environment does not. */
function whatIsOpen({ id, runs, reason, ...planned }: PlannedJob): string[] {
  if (runs === false) return []
  if (planned.environmentUnknown !== null)
    return [`the environment of ${id} depends on ${planned.environmentUnknown}`]
  const matters = planned.environment !== null || planned.callsElsewhere
  return runs === null && matters ? [`whether ${id} runs: ${reason}`] : []
}
