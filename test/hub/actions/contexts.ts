import { valuesOf } from '../environments.ts'
import { shortRef } from './engine.ts'
import type { Engine } from './engine.ts'
import type { Contexts } from './expressions.ts'
import type { Graph, JobState, Node, RunState } from './state.ts'

/** The `github` context of a run. */
export function githubContext(engine: Engine, run: RunState): Record<string, unknown> {
  const { core } = engine
  const attempt = run.attempts.at(-1)
  const repository = `${core.owner}/${core.name}`
  return {
    actor: run.actor,
    triggering_actor: attempt?.actor ?? run.actor,
    api_url: core.apiUrl,
    server_url: core.webUrl,
    event_name: run.event,
    event: eventPayload(engine, run),
    ref: run.ref,
    ref_name: shortRef(run.ref),
    ref_type: run.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: false,
    head_ref: '',
    base_ref: '',
    repository,
    repository_owner: core.owner,
    run_id: String(run.id),
    run_number: String(run.number),
    run_attempt: String(attempt?.number ?? 1),
    sha: run.sha,
    workflow: run.workflow.name,
    workflow_ref: `${repository}/${run.workflow.path}@${run.ref}`,
    workflow_sha: run.sha,
  }
}

function eventPayload(engine: Engine, run: RunState): Record<string, unknown> {
  const { core } = engine
  const repository = {
    full_name: `${core.owner}/${core.name}`,
    name: core.name,
    default_branch: 'main',
  }
  const sender = { login: run.actor }
  if (run.event !== 'workflow_dispatch') {
    const head = { id: run.sha, message: run.commit.message, author: { name: run.commit.author } }
    return {
      ref: run.ref,
      after: run.sha,
      head_commit: head,
      repository,
      sender,
      pusher: { name: run.actor },
    }
  }
  const inputs = Object.fromEntries(
    Object.entries(run.inputs).map(([name, value]) => [name, String(value)]),
  )
  return { ref: run.ref, inputs, workflow: run.workflow.path, repository, sender }
}

/** What the conditions and names of the jobs of a file may read. */
export function jobContexts(engine: Engine, run: RunState, graph: Graph, node: Node): Contexts {
  const needs = Object.fromEntries(
    graph.nodes
      .filter((each) => node.spec.needs.includes(each.spec.id))
      .map((each) => [each.spec.id, { result: each.result, outputs: each.outputs }]),
  )
  return { ...runContexts(engine, run, graph), needs }
}

export function runContexts(
  engine: Engine,
  run: RunState,
  graph: { inputs: Graph['inputs'] },
): Contexts {
  return {
    github: githubContext(engine, run),
    inputs: graph.inputs,
    vars: variablesOf(engine, null),
  }
}

/** The closest one of a name holds. Those of an environment a job only has once it is in it. */
function variablesOf(engine: Engine, environment: string | null): Record<string, string> {
  const { organizationVariables, variables, environments } = engine.core.settings
  const own = environments.get(environment ?? '')?.variables ?? []
  return { ...organizationVariables, ...variables, ...valuesOf(own) }
}

/** The same for a job of a matrix. */
export function matrixContexts(engine: Engine, run: RunState, job: JobState): Contexts {
  const siblings = job.node.jobs
  const strategy = {
    'fail-fast': job.spec.failFast,
    'job-index': siblings.indexOf(job),
    'job-total': siblings.length,
  }
  const vars = variablesOf(engine, job.environment)
  return { ...jobContexts(engine, run, job.graph, job.node), vars, matrix: job.matrix, strategy }
}
