import { repositoryPage } from '../views.ts'
import { jobContexts, matrixContexts } from './contexts.ts'
import { deployFor, reportDeployment } from './deployments.ts'
import { latest, shortRef, touch } from './engine.ts'
import type { Engine } from './engine.ts'
import { allowsRef, environmentNamed, gateOf } from './environments.ts'
import { nameOf, newJob } from './new-job.ts'
import type { Conclusion, Graph, JobState, Node, RunState } from './state.ts'
import { closeSteps, openSteps } from './steps.ts'
import { runScenario } from './scenario.ts'
import { shape } from './workflow.ts'

/** How long a job waits for its runner. */
const queueMs = 100

/** Makes the jobs of a matrix, or the one job there is, and sends them on their way. */
export function enterJobs(
  engine: Engine,
  run: RunState,
  {
    graph,
    node,
    combinations,
  }: { graph: Graph; node: Node; combinations: Record<string, unknown>[] },
): void {
  const jobs = combinations.map((matrix) => newJob(engine, run, { graph, node, matrix }))
  node.jobs.push(...jobs)
  latest(run).jobs.push(...jobs)
  for (const job of jobs) {
    job.name = nameOf(engine, run, job)
    report(engine, run, job)
    enterGroup(engine, run, job)
  }
}

export function addSkippedJob(engine: Engine, run: RunState, graph: Graph, node: Node): void {
  const job = newJob(engine, run, { graph, node, matrix: {} })
  const now = engine.core.clock.now()
  const { name, id } = node.spec
  Object.assign(job, {
    name: graph.prefix + (typeof name === 'string' ? name : id),
    status: 'completed',
    conclusion: 'skipped',
    completedAt: now,
  })
  latest(run).jobs.push(job)
  report(engine, run, job)
}

function enterGroup(engine: Engine, run: RunState, job: JobState): void {
  const rules = concurrencyOf(engine, job.spec.concurrency, matrixContexts(engine, run, job))
  if (rules === null) return enterEnvironment(engine, run, job)
  job.group = rules.group
  const member = {
    key: `job ${job.id}`,
    admit: () => enterEnvironment(engine, run, job),
    evict: () => finishJob(engine, run, job, 'cancelled'),
    interrupt: () => interruptJob(engine, run, job),
  }
  if (engine.groups.enter(rules.group, member, rules)) return enterEnvironment(engine, run, job)
  setStatus(engine, run, job, 'pending')
}

/** What `concurrency:` says; null when there is none. */
export function concurrencyOf(engine: Engine, raw: unknown, contexts: Record<string, unknown>) {
  if (raw === undefined || raw === null) return null
  const settings = typeof raw === 'string' ? { group: raw } : shape(raw)
  const one: 'max' | 'single' = settings.queue === 'max' ? 'max' : 'single'
  return {
    group: engine.evaluator.text(settings.group, contexts),
    cancelInProgress: engine.evaluator.text(settings['cancel-in-progress'], contexts) === 'true',
    queue: one,
  }
}

function enterEnvironment(engine: Engine, run: RunState, job: JobState): void {
  const contexts = matrixContexts(engine, run, job)
  const raw = job.spec.environment
  const written = engine.evaluator.text(typeof raw === 'string' ? raw : shape(raw).name, contexts)
  if (written === '') return enqueue(engine, run, job)
  const { name, environment } = environmentNamed(engine, written)
  job.environment = name
  deployFor(engine, run, job, name)
  if (!allowsRef(environment, run)) return refuseRef(engine, run, job, name)
  const gate = gateOf(engine, name, environment)
  if (gate === null) {
    reportDeployment(engine, run, job, 'queued')
    return enqueue(engine, run, job)
  }
  job.waitingFor = gate
  // GitHub's word is `waiting`; its own description does not know it, and says `pending`.
  reportDeployment(engine, run, job, 'pending')
  setStatus(engine, run, job, 'waiting')
  engine.core.clock.at(gate.timerEnds, () => passGate(engine, run, job))
}

function refuseRef(engine: Engine, run: RunState, job: JobState, name: string): void {
  const branch = shortRef(run.ref)
  const text = `Branch "${branch}" is not allowed to deploy to ${name} due to environment protection rules.`
  job.logs = [{ step: 1, text: `##[error]${text}` }]
  finishJob(engine, run, job, 'failure')
}

/** Goes on when nothing is waited for any more. */
export function passGate(engine: Engine, run: RunState, job: JobState): void {
  const gate = job.waitingFor
  if (gate === null || job.status !== 'waiting') return
  if (gate.needsReview || gate.timerEnds > engine.core.clock.now()) return
  job.waitingFor = null
  reportDeployment(engine, run, job, 'queued')
  enqueue(engine, run, job)
  engine.advance(run)
}

function enqueue(engine: Engine, run: RunState, job: JobState): void {
  setStatus(engine, run, job, 'queued')
  engine.core.clock.at(engine.core.clock.now() + queueMs, () => startJob(engine, run, job))
}

function startJob(engine: Engine, run: RunState, job: JobState): void {
  if (job.status !== 'queued') return
  job.startedAt = engine.core.clock.now()
  openSteps(engine, run, job)
  endInTime(engine, run, job)
  setStatus(engine, run, job, 'in_progress')
  reportDeployment(engine, run, job, 'in_progress')
  engine.advance(run)
  runScenario(engine, run, job, (outcome) => {
    if (job.status === 'completed') return
    Object.assign(job.outputs, outcome.outputs)
    closeSteps(engine, run, job, outcome)
    finishJob(engine, run, job, outcome.conclusion)
  })
}

/** To GitHub, a job that takes too long is a job that was cancelled. */
function endInTime(engine: Engine, run: RunState, job: JobState): void {
  const contexts = matrixContexts(engine, run, job)
  const minutes = Number(engine.evaluator.text(job.spec.timeoutMinutes, contexts))
  const callOff = engine.core.clock.at(job.startedAt + minutes * 60_000, () => {
    const text = `The job has exceeded the maximum execution time of ${minutes} minutes.`
    job.logs.push({ step: 1, text: `##[error]${text}` })
    interruptJob(engine, run, job)
  })
  job.abort.signal.addEventListener('abort', callOff)
}

export function finishJob(
  engine: Engine,
  run: RunState,
  job: JobState,
  conclusion: Conclusion,
): void {
  if (job.status === 'completed') return
  const began = job.status === 'in_progress'
  if (began && conclusion === 'cancelled') closeSteps(engine, run, job, { conclusion })
  job.completedAt = engine.core.clock.now()
  job.conclusion = conclusion
  job.waitingFor = null
  job.abort.abort()
  reportDeployment(engine, run, job, deploymentState(engine, run, job))
  setStatus(engine, run, job, 'completed')
  if (job.group !== null) engine.groups.leave(job.group, `job ${job.id}`)
  if (conclusion === 'failure' && job.spec.failFast !== false) {
    for (const sibling of job.node.jobs) interruptJob(engine, run, sibling)
  }
  engine.advance(run)
}

/** What GitHub says of a job that was cancelled is not documented: `error` is a guess. */
function deploymentState(engine: Engine, run: RunState, job: JobState): string {
  if (job.conclusion === 'cancelled') return 'error'
  if (job.conclusion !== 'success') return 'failure'
  const url = shape(job.spec.environment).url
  const contexts = { ...matrixContexts(engine, run, job), steps: {}, env: {}, job: {}, runner: {} }
  job.environmentUrl = job.environmentUrl ?? engine.evaluator.text(url, contexts)
  return 'success'
}

/** How long a running job goes on after somebody cancelled it. */
const dyingMs = 200

/** Ends a job that was cancelled: at once if it never began, else soon. */
export function interruptJob(engine: Engine, run: RunState, job: JobState): void {
  if (job.status === 'completed') return
  if (job.status !== 'in_progress') return finishJob(engine, run, job, 'cancelled')
  job.abort.abort()
  const { clock } = engine.core
  clock.at(clock.now() + dyingMs, () => finishJob(engine, run, job, 'cancelled'))
}

/** A job whose condition holds although the run is cancelled goes on: `if: always()`. */
export function survivesCancelling(engine: Engine, run: RunState, job: JobState): boolean {
  const status = { success: false, failure: false, cancelled: true }
  const contexts = jobContexts(engine, run, job.graph, job.node)
  return engine.evaluator.condition(job.spec.if, contexts, status)
}

function setStatus(engine: Engine, run: RunState, job: JobState, status: JobState['status']): void {
  job.status = status
  touch(engine, run)
  report(engine, run, job)
}

/** GitHub writes a check run per job. */
function report(engine: Engine, run: RunState, job: JobState): void {
  const status: 'in_progress' | 'completed' | 'queued' =
    job.status === 'in_progress' || job.status === 'completed' ? job.status : 'queued'
  const check = {
    status,
    conclusion: job.conclusion,
    startedAt: job.startedAt,
    completedAt: job.completedAt,
  }
  if (job.checkRun !== null) return engine.core.updateCheckRun(job.checkRun, check)
  const url = `${repositoryPage(engine.core)}/actions/runs/${run.id}/job/${job.id}`
  job.checkRun = engine.core.addCheckRun({ sha: run.sha, name: job.name, url, ...check })
}
