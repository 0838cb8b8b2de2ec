import { latest } from './engine.ts'
import type { Engine } from './engine.ts'
import { jobContexts, runContexts } from './contexts.ts'
import type { StatusFunctions } from './expressions.ts'
import { addSkippedJob, enterJobs } from './jobs.ts'
import { expandMatrix } from './matrix.ts'
import type { Graph, JobState, Node, Result, RunState } from './state.ts'
import { plainText, shape } from './workflow.ts'
import type { Workflow, WorkflowInput } from './workflow.ts'

export function newGraph(workflow: Workflow, inputs: Record<string, unknown>, prefix = ''): Graph {
  const nodes = workflow.jobs.map((spec) => {
    return { spec, result: null, outputs: {}, jobs: [], called: null, started: false }
  })
  return { workflow, inputs, prefix, nodes }
}

/** Starts and ends jobs until nothing follows any more without time passing. */
export function advanceGraph(engine: Engine, run: RunState, graph: Graph): void {
  let moved = true
  while (moved) {
    moved = false
    for (const node of graph.nodes) {
      if (node.result !== null) continue
      if (!node.started && needsOf(graph, node).every((need) => need.result !== null)) {
        node.started = true
        begin(engine, run, graph, node)
      }
      if (node.called !== null) advanceGraph(engine, run, node.called)
      conclude(engine, run, node)
      // oxlint-disable-next-line typescript/no-unnecessary-condition -- conclude() sets it
      if (node.result !== null) moved = true
    }
  }
}

function begin(engine: Engine, run: RunState, graph: Graph, node: Node): void {
  const contexts = jobContexts(engine, run, graph, node)
  if (!engine.evaluator.condition(node.spec.if, contexts, statusFor(run, graph, node))) {
    addSkippedJob(engine, run, graph, node)
    node.result = 'skipped'
    return
  }
  const called = node.spec.uses === null ? undefined : graph.workflow.calls.get(node.spec.uses)
  if (called !== undefined) {
    const given = shape(engine.evaluator.fill(node.spec.with, contexts))
    node.called = newGraph(
      called,
      inputsWithDefaults(called.callInputs, given),
      `${graph.prefix}${callName(node)} / `,
    )
    return
  }
  const { matrix } = node.spec
  const combinations =
    matrix === undefined ? [{}] : expandMatrix(engine.evaluator.fill(matrix, contexts))
  enterJobs(engine, run, { graph, node, combinations })
}

function callName(node: Node): string {
  return typeof node.spec.name === 'string' ? node.spec.name : node.spec.id
}

/** Inputs as the `inputs` context has them: with defaults, booleans and numbers as such. */
export function inputsWithDefaults(
  declared: Record<string, WorkflowInput>,
  given: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, input]) => {
      const value = given[name] ?? input.default ?? (input.type === 'boolean' ? false : '')
      if (input.type === 'boolean') return [name, plainText(value) === 'true']
      if (input.type === 'number') return [name, value === '' ? '' : Number(value)]
      return [name, plainText(value)]
    }),
  )
}

/** GitHub looks at everything a job depends on, not only at what it names itself. */
function statusFor(run: RunState, graph: Graph, node: Node): StatusFunctions {
  const { cancelled } = latest(run)
  const results = ancestors(graph, node).map((each) => each.result)
  return {
    success: !cancelled && results.every((result) => result === 'success'),
    failure: results.includes('failure'),
    cancelled,
  }
}

function needsOf(graph: Graph, node: Node): Node[] {
  return graph.nodes.filter((each) => node.spec.needs.includes(each.spec.id))
}

function ancestors(graph: Graph, node: Node): Node[] {
  const found = new Set<Node>()
  const visit = (each: Node) => {
    for (const need of needsOf(graph, each)) {
      if (found.has(need)) continue
      found.add(need)
      visit(need)
    }
  }
  visit(node)
  return [...found]
}

function conclude(engine: Engine, run: RunState, node: Node): void {
  if (node.result !== null || !node.started) return
  if (node.called !== null) return concludeCall(engine, run, node, node.called)
  if (node.jobs.some((job) => job.status !== 'completed')) return
  node.result = combine(node.jobs.map((job) => resultOf(engine, job)))
  for (const job of node.jobs) Object.assign(node.outputs, job.outputs)
}

function concludeCall(engine: Engine, run: RunState, node: Node, called: Graph): void {
  if (called.nodes.some((each) => each.result === null)) return
  node.result = combine(called.nodes.map((each) => each.result ?? 'skipped'))
  const jobs = Object.fromEntries(
    called.nodes.map((each) => [each.spec.id, { result: each.result, outputs: each.outputs }]),
  )
  const contexts = { ...runContexts(engine, run, called), jobs }
  for (const [name, output] of Object.entries(called.workflow.callOutputs)) {
    node.outputs[name] = engine.evaluator.text(output.value, contexts)
  }
}

/** What the jobs that need it see: a failure that may happen counts as a success. */
function resultOf(engine: Engine, job: JobState): Result {
  const tolerated =
    engine.evaluator.text(job.spec.continueOnError, { matrix: job.matrix }) === 'true'
  if (job.conclusion === 'cancelled' || job.conclusion === 'skipped') return job.conclusion
  return job.conclusion === 'success' || tolerated ? 'success' : 'failure'
}

function combine(results: Result[]): Result {
  if (results.includes('failure')) return 'failure'
  if (results.includes('cancelled')) return 'cancelled'
  return results.every((result) => result === 'skipped') ? 'skipped' : 'success'
}

/** How a run ends that is made of these jobs. */
export function conclusionOf(graph: Graph): Result {
  return combine(graph.nodes.map((node) => node.result ?? 'skipped'))
}

/** True when every job has its result. */
export function isDone(graph: Graph): boolean {
  return graph.nodes.every((node) => node.result !== null)
}
