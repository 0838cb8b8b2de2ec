import type { JobOutcome } from '../hub.ts'
import { matrixContexts } from './contexts.ts'
import type { Engine } from './engine.ts'
import type { Contexts } from './expressions.ts'
import type { JobState, Result, RunState, StepState } from './state.ts'
import type { StepSpec } from './workflow.ts'

/** The steps as a job begins: GitHub puts one before them and one after. */
export function openSteps(engine: Engine, run: RunState, job: JobState): void {
  const contexts = stepContexts(engine, run, job)
  const names = job.spec.steps.map((spec) => ({ spec, name: stepName(engine, spec, contexts) }))
  const all = [{ spec: null, name: 'Set up job' }, ...names, { spec: null, name: 'Complete job' }]
  job.steps = all.map(({ spec, name }, index) => ({
    number: index + 1,
    name,
    spec,
    status: 'queued',
    conclusion: null,
    startedAt: null,
    completedAt: null,
  }))
  const [first, second] = job.steps
  if (first !== undefined) endStep(first, 'success', job.startedAt, job.startedAt)
  if (second !== undefined) beginStep(second, job.startedAt)
}

export function stepName(engine: Engine, spec: StepSpec, contexts: Contexts): string {
  if (typeof spec.name === 'string') return engine.evaluator.text(spec.name, contexts)
  const [firstLine = ''] = (spec.run ?? spec.uses ?? '').trim().split('\n')
  return `Run ${firstLine}`
}

export function beginStep(step: StepState, at: number): void {
  step.status = 'in_progress'
  step.startedAt = at
}

export function endStep(step: StepState, conclusion: Result, from: number, to: number): void {
  Object.assign(step, { status: 'completed', conclusion, startedAt: from, completedAt: to })
}

/** What a step may read where none of them was run. */
export function stepContexts(engine: Engine, run: RunState, job: JobState): Contexts {
  return {
    ...matrixContexts(engine, run, job),
    env: {},
    steps: {},
    job: { status: 'success' },
    runner: { os: 'Linux', arch: 'X64', name: 'stand-in', temp: '', tool_cache: '' },
    secrets: {},
  }
}

type Ending = Pick<JobOutcome, 'conclusion' | 'failingStep' | 'logs'>

/** Ends the steps of a job as its outcome says; those that ran for real have ended already. */
export function closeSteps(engine: Engine, run: RunState, job: JobState, outcome: Ending): void {
  const now = engine.core.clock.now()
  if (!job.executed) tellSteps(engine, run, job, outcome)
  const rest: Result = outcome.conclusion === 'cancelled' ? 'cancelled' : 'skipped'
  for (const step of job.steps) {
    if (step.status === 'completed') continue
    const last = step.number === job.steps.length
    endStep(step, last ? 'success' : rest, step.startedAt ?? now, now)
  }
}

function tellSteps(engine: Engine, run: RunState, job: JobState, outcome: Ending): void {
  const own = job.steps.filter((step) => step.spec !== null)
  const failing = whereItEnds(own, outcome)
  const cancelled = outcome.conclusion === 'cancelled'
  const share = (engine.core.clock.now() - job.startedAt) / Math.max(1, own.length)
  let failed = false
  for (const [index, step] of own.entries()) {
    const from = job.startedAt + share * index
    const ended = { failure: failed && !cancelled, cancelled: failed && cancelled }
    const status = { success: !failed, ...ended }
    const wanted = step === failing || holds(engine, run, job, step, status)
    const result = resultOf(step === failing, wanted, outcome.conclusion)
    endStep(step, result, from, from + share)
    if (step === failing) failed = true
    if (wanted) job.logs.push({ step: step.number, text: logOf(step, outcome, result) })
  }
}

function whereItEnds(own: StepState[], { conclusion, failingStep }: Ending): StepState | undefined {
  if (conclusion === 'success') return undefined
  const running = conclusion === 'cancelled' && own.find((step) => step.status === 'in_progress')
  return own.find((step) => step.name === failingStep) ?? (running || own.at(-1))
}

function resultOf(isFailing: boolean, wanted: boolean, conclusion: Ending['conclusion']): Result {
  if (isFailing) return conclusion === 'cancelled' ? 'cancelled' : 'failure'
  return wanted ? 'success' : 'skipped'
}

function holds(
  engine: Engine,
  run: RunState,
  job: JobState,
  step: StepState,
  status: { success: boolean; failure: boolean; cancelled: boolean },
): boolean {
  const contexts = stepContexts(engine, run, job)
  return engine.evaluator.condition(step.spec?.if ?? 'success()', contexts, status)
}

function logOf(step: StepState, outcome: Ending, result: Result): string {
  const text = outcome.logs?.[step.name] ?? 'stand-in: not executed'
  const head = `##[group]${step.name}\n##[endgroup]\n${text}`
  return result === 'failure' ? `${head}\n##[error]Process completed with exit code 1.` : head
}
