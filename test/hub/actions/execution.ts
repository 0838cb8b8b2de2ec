import { join } from 'node:path'
import type { ExecuteOptions } from '../hub.ts'
import { githubContext, matrixContexts } from './contexts.ts'
import type { Engine } from './engine.ts'
import type { Contexts } from './expressions.ts'
import type { JobState, Result, RunState } from './state.ts'
import { shape } from './workflow.ts'

/** A job while its steps run for real. */
export interface Execution {
  engine: Engine
  run: RunState
  job: JobState
  replace: NonNullable<ExecuteOptions['replace']>
  /** Fresh, and removed with everything in it. */
  directory: string
  workspace: string
  token: string
  /** What must not be in the log. */
  masks: Set<string>
  /** What earlier steps added for later ones. */
  env: Record<string, string>
  path: string[]
  steps: Record<string, StepResult>
  failed: boolean
  /** Process groups, which end with the job. */
  groups: (number | null)[]
}

export interface StepResult {
  outputs: Record<string, string>
  outcome: Result
  conclusion: Result
}

/** Everything an expression of a step may read. */
export function executionContexts(execution: Execution): Contexts {
  const { engine, run, job, token, workspace } = execution
  const base = matrixContexts(engine, run, job)
  const github = { ...githubContext(engine, run), token, workspace, job: job.spec.id }
  const env = { ...execution.env }
  const contexts = {
    ...base,
    github,
    steps: execution.steps,
    job: { status: execution.failed ? 'failure' : 'success' },
    runner: runnerContext(execution),
    secrets: { GITHUB_TOKEN: token, ...environmentSecrets(engine, job) },
  }
  // Later ones may use earlier ones.
  for (const level of [job.graph.workflow.env, job.spec.env]) {
    Object.assign(env, textsOf(engine, level, { ...contexts, env }), execution.env)
  }
  return { ...contexts, env }
}

export function textsOf(engine: Engine, raw: unknown, contexts: Contexts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(shape(raw)).map(([name, value]) => [
      name,
      engine.evaluator.text(value, contexts),
    ]),
  )
}

function runnerContext({ directory }: Execution) {
  const temp = join(directory, 'temp')
  return {
    os: 'Linux',
    arch: 'X64',
    name: 'stand-in',
    environment: 'self-hosted',
    temp,
    tool_cache: temp,
  }
}

/** An environment has names of secrets; what they hold, a test can tell. */
export function environmentSecrets(engine: Engine, job: JobState): Record<string, string> {
  const names = engine.core.settings.environments.get(job.environment ?? '')?.secrets ?? []
  return Object.fromEntries(names.map((name) => [name, `stand-in-secret-${name}`]))
}
