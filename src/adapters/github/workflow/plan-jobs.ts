import { callInputs } from './call-inputs.ts'
import { decideJob, jobScope, type JobDecision, type NeededJob } from './decide.ts'
import { concurrencyOf, environmentOf, titleOf, withMatrix } from './describe-job.ts'
import type { Scope } from './evaluate.ts'
import { expandMatrix, matrixTitle, type Combination } from './matrix.ts'
import type { Job, Workflow } from './model.ts'
import { orderJobs } from './order.ts'
import type { PlannedJob, PlanProblem } from './plan.ts'
import { readWorkflow } from './read-workflow.ts'
import { evaluateNode } from './text.ts'
import { partial, unknown, type Value } from './value.ts'

/** One workflow file at work: the one that starts, or one that a job calls. */
interface Level {
  workflow: Workflow
  contexts: Scope['contexts']
  /** `call / `, in front of every id. */
  prefix: string
  /** What the jobs that called this one came to; a call that may not happen leaves all of it open. */
  caller: JobDecision | null
  /** Files on the way here. */
  chain: readonly string[]
}

interface Planning {
  readFile(path: string): Promise<string | null>
  jobs: PlannedJob[]
  problems: PlanProblem[]
  /** How many calls were planned: ten files that call each other often enough never end. */
  calls: number
}

/** GitHub's limits, as far as they keep a plan finite. */
const deepest = 10
const mostJobs = 1000
const mostCalls = 1000

/** The jobs of a workflow and of the local ones it calls. */
export async function planJobs(
  workflow: Workflow,
  options: Pick<Planning, 'readFile'> & Pick<Level, 'contexts'>,
): Promise<Pick<Planning, 'jobs' | 'problems'>> {
  const readFile = (path: string) => options.readFile(path)
  const planning: Planning = { readFile, jobs: [], problems: [], calls: 0 }
  const chain = [workflow.file]
  await planLevel(
    { workflow, contexts: options.contexts, prefix: '', caller: null, chain },
    planning,
  )
  return planning
}

async function planLevel(level: Level, planning: Planning): Promise<NeededJob['result']> {
  const { ordered, stuck } = orderJobs(level.workflow.jobs)
  const done = new Map<string, NeededJob>()
  for (const job of ordered) {
    const needs = job.needs.map(({ text }) => done.get(text)!)
    const scope = jobScope({ contexts: level.contexts, needs })
    const decision = within(level.caller, decideJob(job, { contexts: level.contexts, needs }))
    const result = await planJob(job, { level, scope, decision }, planning)
    done.set(job.id, { id: job.id, result, outputs: outputsOf(job, scope, result), before: needs })
  }
  const reason = 'it needs a job that does not exist, or that needs it'
  for (const job of stuck)
    add(
      planning,
      single(job, level, jobScope({ contexts: {}, needs: [] }), { runs: false, reason }),
    )
  return resultOf([...done.values()].map(({ result }) => result))
}

/** What is called runs only if the call does. */
function within(caller: JobDecision | null, decision: JobDecision): JobDecision {
  return caller?.runs === null && decision.runs !== false ? caller : decision
}

interface Placed {
  level: Level
  scope: Scope
  decision: JobDecision
}

async function planJob(job: Job, placed: Placed, planning: Planning): Promise<NeededJob['result']> {
  const { level, scope, decision } = placed
  const matrix = job.strategy?.matrix ?? null
  const combinations = matrix === null ? [null] : expandMatrix(matrix, scope)
  if (decision.runs === false || !Array.isArray(combinations)) {
    const open = Array.isArray(combinations) ? unknown('matrix') : combinations
    const contexts = { ...scope.contexts, matrix: open }
    const planned = single(job, level, { ...scope, contexts }, withOpenMatrix(decision, open))
    add(planning, { ...planned, callsElsewhere: planned.runs === null && job.uses !== null })
    return resultIf(planned)
  }
  if (combinations.length === 0) {
    const reason = 'its matrix is empty, which GitHub refuses'
    add(planning, single(job, level, scope, { runs: false, reason }))
    return 'failure'
  }
  const results: NeededJob['result'][] = []
  for (const combination of combinations)
    results.push(await planOne(job, combination, placed, planning))
  return resultOf(results)
}

/** A matrix may turn out to be empty: then nothing runs. */
function withOpenMatrix(decision: JobDecision, { why }: { why: string }): JobDecision {
  return decision.runs ? { runs: null, reason: `its matrix depends on ${why}` } : decision
}

async function planOne(
  job: Job,
  combination: Combination | null,
  { level, scope, decision }: Placed,
  planning: Planning,
): Promise<NeededJob['result']> {
  const own = withMatrix(scope, combination)
  const planned = single(job, level, own, decision, combination)
  if (job.uses === null) {
    add(planning, planned)
    return resultIf(decision)
  }
  if (!isLocal(job)) {
    const reason = `it calls ${job.uses.text}, which is not in this repository`
    add(planning, { ...planned, runs: null, reason, callsElsewhere: true })
    return null
  }
  const called = await calledLevel(job, { level, scope: own, decision }, planned.id, planning)
  if (called === null) {
    const reason = 'the workflow it calls cannot be used, so GitHub starts nothing'
    add(planning, { ...planned, runs: false, reason })
    return 'skipped'
  }
  return await planLevel(called, planning)
}

/** The called workflow with its inputs; null with a problem when there is none to use. */
async function calledLevel(
  job: Job,
  { level, scope, decision }: Placed,
  id: string,
  planning: Planning,
): Promise<Level | null> {
  const file = job.uses!.text.replace(/^\.\//, '')
  const problem = (message: string, fix: string) => {
    const { line, column } = job.uses!
    planning.problems.push({ file: level.workflow.file, line, column, message, fix })
    return null
  }
  if (level.chain.includes(file) || level.chain.length > deepest)
    return problem(`${job.id} calls ${file} in a circle`, 'call another workflow')
  planning.calls += 1
  if (planning.calls > mostCalls) {
    // Said once: there may be as many again.
    if (planning.calls > mostCalls + 1) return null
    return problem(`it calls more than ${mostCalls} workflows`, 'call fewer of them')
  }
  const text = await planning.readFile(file)
  if (text === null)
    return problem(
      `${job.id} calls ${file}, which does not exist`,
      'correct the path, or add the file',
    )
  const workflow = readWorkflow(file, text)
  if (workflow.problems.length > 0 || !workflow.events.some(({ name }) => name === 'workflow_call'))
    return problem(
      `${job.id} calls ${file}, which cannot be called`,
      `add on: workflow_call to ${file}`,
    )
  const inputs = callInputs(job, workflow.callInputs, scope)
  const contexts = { ...level.contexts, inputs }
  return { workflow, contexts, prefix: `${id} / `, caller: decision, chain: [...level.chain, file] }
}

function single(
  job: Job,
  level: Level,
  scope: Scope,
  decision: JobDecision,
  combination: Combination | null = null,
): PlannedJob {
  const id = combination === null ? job.id : matrixTitle(job.id, combination)
  return {
    id: `${level.prefix}${id}`,
    job,
    workflow: level.workflow,
    ...decision,
    name: `${level.prefix}${titleOf(job, scope, combination)}`,
    needs: job.needs.map(({ text }) => `${level.prefix}${text}`),
    ...environmentOf(job, scope),
    concurrency: concurrencyOf(job.concurrency, scope),
    callsElsewhere: false,
  }
}

function add({ jobs, problems }: Planning, job: PlannedJob): void {
  if (jobs.length < mostJobs) jobs.push(job)
  else if (jobs.length === mostJobs) {
    const { line, column } = job.job
    const { file } = job.workflow
    const message = `it has more than ${mostJobs} jobs; the rest is not planned`
    jobs.push({ ...job, runs: null, reason: message, callsElsewhere: true })
    problems.push({ file, line, column, message, fix: 'make its matrices smaller' })
  }
}

function isLocal({ uses }: Job): boolean {
  return uses !== null && uses.text.startsWith('./')
}

function resultIf({ runs }: JobDecision): NeededJob['result'] {
  return runs === null ? null : runs ? 'success' : 'skipped'
}

/** Of several jobs together: skipped only when all are. */
function resultOf(results: readonly NeededJob['result'][]): NeededJob['result'] {
  if (results.includes('failure')) return 'failure'
  if (results.includes('success')) return 'success'
  return results.includes(null) ? null : 'skipped'
}

/** What a job hands on: what rests on its steps is not known, and a skipped job hands on nothing. */
function outputsOf(job: Job, scope: Scope, result: NeededJob['result']): Value {
  if (result === 'skipped') return partial({})
  if (job.uses !== null) return unknown(`needs.${job.id}.outputs`)
  const entries = job.outputs.map(({ key, value }) => {
    const told = value.kind === 'text' ? evaluateNode(value, scope) : unknown('')
    const open = told.kind === 'unknown' || result === null
    return [key.text, open ? unknown(`needs.${job.id}.outputs.${key.text}`) : told] as const
  })
  return partial(Object.fromEntries(entries))
}
