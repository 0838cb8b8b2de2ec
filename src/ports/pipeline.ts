import type { Environment } from '../core/project.ts'
import type { Plan } from '../core/plan.ts'
import type { Release } from '../core/release.ts'

/** What carries deployments out. */
export interface Pipeline {
  readonly kind: string
  /** The part of a plan this pipeline fills in. Pure: reads nothing, changes nothing. */
  describe(environment: Environment, release: Release): Plan['pipeline']
  /**
   * Makes the run of this correlation id exist and returns it. Safe to call again: a correlation id
   * has at most one run, ever. Fails with `run_not_started` only if no run exists afterwards.
   */
  start(request: RunRequest): Promise<Run>
  /** The run of a correlation id, or null if it provably never started. */
  find(correlationId: string): Promise<Run | null>
  /**
   * Ends the run and everything it started; resolves when it has ended, harmless if it already had.
   * A run that has not started is refused from then on.
   */
  cancel(correlationId: string): Promise<Run | null>
  /** The release the pipeline last made current in an environment; null when there is none. */
  current(environment: Environment): Promise<Release | null>
  /** The end of the run's log: at most `maxBytes` bytes, from `cursor` on when given. */
  log(correlationId: string, options?: { cursor?: number; maxBytes?: number }): Promise<RunLog>
}

export interface RunRequest {
  /** The deployment's id. */
  correlation_id: string
  environment: Environment
  release: Release
}

export interface Run {
  run_id: string
  /**
   * `lost`: whoever carried it out died without saying how it ended. `refused`: it never started and
   * never will.
   */
  state: 'running' | 'succeeded' | 'failed' | 'cancelled' | 'lost' | 'refused'
  /** The step that runs or that failed. */
  step: string | null
  /** Why it ended, in one sanitised line; null while it runs or when it succeeded. */
  cause: string | null
  /** Where a person finds the whole log. */
  logs_url: string
  /** True once the environment was pointed to the new release, whatever came after. */
  switched: boolean
}

export interface RunLog {
  /** Untrusted text. */
  text: string
  /** Where to go on reading. */
  cursor: number
}
