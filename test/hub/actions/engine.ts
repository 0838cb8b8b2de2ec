import type { HubCore } from '../operation.ts'
import { notFound } from '../operation.ts'
import { createEvaluator } from './expressions.ts'
import type { Evaluator } from './expressions.ts'
import { loadGitHubParser } from './github-parser.ts'
import type { GitHubParser } from './github-parser.ts'
import { createGroups } from './groups.ts'
import type { Groups } from './groups.ts'
import type { Attempt, DeploymentState, RunState } from './state.ts'

/** Everything the stand-in knows of Actions and deployments. */
export interface Engine {
  readonly core: HubCore
  readonly runs: RunState[]
  readonly deployments: DeploymentState[]
  /** By path in the repository. */
  readonly workflowIds: Map<string, number>
  readonly groups: Groups
  /** Jobs whose steps run for real. */
  readonly executions: Set<Promise<unknown>>
  /** GitHub's parser, loaded when the first workflow is read. */
  github(): Promise<GitHubParser>
  /** There once a workflow was read, so wherever there is a run. */
  readonly evaluator: Evaluator
  /** What is asked of git once: objects never change. */
  remembered<T>(key: string, make: () => Promise<T>): Promise<T>
  /** Moves a run on as far as it goes without time passing. */
  advance(run: RunState): void
}

/** `advance` comes from outside: what it moves calls it again. */
export function createEngine(
  core: HubCore,
  advance: (engine: Engine, run: RunState) => void,
): Engine {
  let loading: Promise<GitHubParser> | null = null
  let evaluator: Evaluator | null = null
  const memory = new Map<string, Promise<unknown>>()
  const engine: Engine = {
    core,
    runs: [],
    deployments: [],
    workflowIds: new Map(),
    groups: createGroups(),
    executions: new Set(),
    async github() {
      loading ??= loadGitHubParser()
      const github = await loading
      evaluator ??= createEvaluator(github)
      return github
    },
    get evaluator() {
      if (evaluator === null) throw new Error('no workflow was read yet')
      return evaluator
    },
    remembered<T>(key: string, make: () => Promise<T>) {
      const known = memory.get(key) ?? make()
      memory.set(key, known)
      return known as Promise<T>
    },
    advance: (run) => advance(engine, run),
  }
  return engine
}

export function runOf(engine: Engine, id: string | undefined): RunState {
  const run = engine.runs.find((each) => String(each.id) === id)
  if (run === undefined) throw notFound()
  return run
}

export function latest(run: RunState): Attempt {
  const attempt = run.attempts.at(-1)
  if (attempt === undefined) throw new Error(`run ${run.id} has no attempt`)
  return attempt
}

export function touch(engine: Engine, run: RunState): void {
  run.updatedAt = engine.core.clock.now()
}

/** The short name of a ref: `refs/heads/main` is `main`. */
export function shortRef(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags)\//, '')
}
