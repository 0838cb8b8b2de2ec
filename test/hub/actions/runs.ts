import { openGit } from '../git.ts'
import { HubError } from '../operation.ts'
import { commitInfo } from './commits.ts'
import { runContexts } from './contexts.ts'
import { latest, touch } from './engine.ts'
import type { Engine } from './engine.ts'
import { conclusionOf, inputsWithDefaults, isDone, newGraph } from './graph.ts'
import { concurrencyOf, finishJob, interruptJob, survivesCancelling } from './jobs.ts'
import type { Attempt, Conclusion, JobState, Node, RunState } from './state.ts'
import type { Workflow } from './workflow.ts'

export interface NewRun {
  workflow: Workflow
  workflowId: number
  event: string
  ref: string
  sha: string
  actor: string
  /** As they were sent. */
  inputs: Record<string, unknown>
  /** Left out of listings for so long. */
  hideMs?: number
}

export async function startRun(engine: Engine, given: NewRun): Promise<RunState> {
  const now = engine.core.clock.now()
  const git = openGit(engine.core.git)
  const { hideMs = 0, ...rest } = given
  const run: RunState = {
    ...rest,
    id: engine.core.nextId(),
    number: engine.runs.filter((each) => each.workflowId === given.workflowId).length + 1,
    commit: await engine.remembered(`commit ${given.sha}`, () => commitInfo(git, given.sha)),
    defaultBranch: await git.defaultBranch(),
    title: '',
    createdAt: now,
    updatedAt: now,
    hiddenUntil: now + hideMs,
    logsExpired: false,
    artifacts: [],
    attempts: [],
    approvals: [],
  }
  engine.runs.push(run)
  addAttempt(engine, run, given.actor)
  run.title = titleOf(engine, run)
  enter(engine, run)
  return run
}

function addAttempt(engine: Engine, run: RunState, actor: string): Attempt {
  const declared = run.event === 'workflow_dispatch' ? run.workflow.inputs : {}
  const inputs = inputsWithDefaults(declared, run.inputs)
  const attempt: Attempt = {
    number: run.attempts.length + 1,
    actor,
    startedAt: engine.core.clock.now(),
    status: 'queued',
    conclusion: null,
    cancelled: false,
    group: null,
    graph: newGraph(run.workflow, inputs),
    jobs: [],
  }
  run.attempts.push(attempt)
  return attempt
}

function titleOf(engine: Engine, run: RunState): string {
  const { runName, name } = run.workflow
  const named =
    runName === null
      ? ''
      : engine.evaluator.text(runName, runContexts(engine, run, latest(run).graph))
  if (named.trim() !== '') return named.trim()
  return run.event === 'push' ? (run.commit.message.split('\n')[0] ?? '') : name
}

/** Into its concurrency group, and on if there is room. */
function enter(engine: Engine, run: RunState): void {
  const attempt = latest(run)
  const contexts = runContexts(engine, run, attempt.graph)
  const rules = concurrencyOf(engine, run.workflow.concurrency, contexts)
  if (rules === null) return engine.advance(run)
  attempt.group = rules.group
  const member = {
    key: memberKey(run),
    admit: () => {
      attempt.status = 'queued'
      touch(engine, run)
      engine.advance(run)
    },
    evict: () => complete(engine, run, 'cancelled'),
    interrupt: () => cancelRun(engine, run, { force: false }),
  }
  if (engine.groups.enter(rules.group, member, rules)) return engine.advance(run)
  attempt.status = 'pending'
}

function memberKey(run: RunState): string {
  return `run ${run.id}/${latest(run).number}`
}

function complete(engine: Engine, run: RunState, conclusion: Conclusion): void {
  const attempt = latest(run)
  if (attempt.status === 'completed') return
  attempt.status = 'completed'
  attempt.conclusion = conclusion
  touch(engine, run)
  if (attempt.group !== null) engine.groups.leave(attempt.group, memberKey(run))
}

/** Says of a run what its jobs make of it. */
export function settleRun(engine: Engine, run: RunState): void {
  const attempt = latest(run)
  if (attempt.status === 'completed' || attempt.status === 'pending') return
  if (isDone(attempt.graph)) {
    const conclusion = attempt.cancelled ? 'cancelled' : conclusionOf(attempt.graph)
    return complete(engine, run, conclusion)
  }
  const status = statusOf(attempt.jobs)
  if (status !== attempt.status) touch(engine, run)
  attempt.status = status
}

function statusOf(jobs: JobState[]): 'in_progress' | 'waiting' | 'queued' {
  const has = (status: JobState['status']) => jobs.some((job) => job.status === status)
  if (has('in_progress')) return 'in_progress'
  if (has('waiting') && !has('queued')) return 'waiting'
  const began = jobs.some((job) => job.status === 'completed' && job.conclusion !== 'skipped')
  return began ? 'in_progress' : 'queued'
}

export function cancelRun(engine: Engine, run: RunState, { force }: { force: boolean }): void {
  const attempt = latest(run)
  attempt.cancelled = true
  if (attempt.status === 'pending') return complete(engine, run, 'cancelled')
  if (force) {
    for (const node of nodesOf(attempt.graph.nodes)) if (!node.started) node.result = 'cancelled'
  }
  for (const job of attempt.jobs) {
    if (force) finishJob(engine, run, job, 'cancelled')
    else if (!survivesCancelling(engine, run, job)) interruptJob(engine, run, job)
  }
  engine.advance(run)
}

function nodesOf(nodes: Node[]): Node[] {
  return nodes.flatMap((node) => [node, ...nodesOf(node.called?.nodes ?? [])])
}

/** A new attempt of a run that has ended: of everything, or of what failed and what needs it. */
export function rerun(engine: Engine, run: RunState, actor: string, what: 'all' | 'failed'): void {
  const before = latest(run)
  if (before.status !== 'completed') {
    throw new HubError(403, 'This workflow is already running')
  }
  const attempt = addAttempt(engine, run, actor)
  touch(engine, run)
  if (what === 'failed') {
    for (const [index, node] of attempt.graph.nodes.entries()) {
      const old = before.graph.nodes[index]
      if (old?.result === 'success') carryOver(engine, attempt, node, old)
    }
  }
  enter(engine, run)
}

/** What succeeded stays as it was, under a new id. */
function carryOver(engine: Engine, attempt: Attempt, node: Node, old: Node): void {
  const jobs = [...old.jobs, ...nodesOf(old.called?.nodes ?? []).flatMap((each) => each.jobs)]
  const copies = jobs.map((job) => ({ ...job, id: engine.core.nextId(), attempt: attempt.number }))
  Object.assign(node, { started: true, result: 'success', outputs: old.outputs, jobs: copies })
  attempt.jobs.push(...copies)
}
