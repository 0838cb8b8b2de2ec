import { matrixContexts } from './contexts.ts'
import { latest } from './engine.ts'
import type { Engine } from './engine.ts'
import type { Graph, JobState, Node, RunState } from './state.ts'

/** A job as it is made: it waits for whatever comes first. */
export function newJob(
  engine: Engine,
  run: RunState,
  { graph, node, matrix }: { graph: Graph; node: Node; matrix: Record<string, unknown> },
): JobState {
  const now = engine.core.clock.now()
  return {
    id: engine.core.nextId(),
    attempt: latest(run).number,
    spec: node.spec,
    name: node.spec.id,
    matrix,
    graph,
    node,
    status: 'queued',
    conclusion: null,
    createdAt: now,
    startedAt: now,
    completedAt: null,
    environment: null,
    environmentUrl: null,
    deployment: null,
    waitingFor: null,
    group: null,
    steps: [],
    abort: new AbortController(),
    executed: false,
    logs: [],
    outputs: {},
    checkRun: null,
  }
}

/** The title people see. */
export function nameOf(engine: Engine, run: RunState, job: JobState): string {
  const { name, id } = job.spec
  const values = Object.values(job.matrix).filter((value) => typeof value !== 'object')
  const suffix = values.length === 0 ? '' : ` (${values.join(', ')})`
  if (typeof name !== 'string') return `${job.graph.prefix}${id}${suffix}`
  const evaluated = engine.evaluator.text(name, matrixContexts(engine, run, job))
  return job.graph.prefix + evaluated + (name.includes('${{') ? '' : suffix)
}
