import type { Check, Requirement } from '../../core/check.ts'
import type { Environment } from '../../core/project.ts'
import type { ResolvedRef } from '../../core/release.ts'
import type { Call } from '../../ports/context.ts'
import type { Observation } from '../support/observe.ts'

/** What a check is about. */
export interface CheckSubject {
  environment: Environment
  release: ResolvedRef
  /** What the environment runs now, from evidence. */
  now: Observation
  /** The caller means to go back to an older release. */
  allowOlder: boolean
  /** A validation: what still goes on may be waited for. Absent: it is told as it is. */
  mayWait?: boolean
}

/** What a check would do. */
export interface Foreseen {
  /** False when nothing would be looked at: no engine, or nothing configured. */
  runs: boolean
  /** What would be run and contacted, or what would become of it instead; reads on after "would". */
  text: string
}

/** One check of `validate_deployment`. Add one here and to `checks/index.ts`. */
export interface CheckRunner {
  readonly name: string
  /** What policy demands of it here. */
  requirement(environment: Environment): Requirement
  /** Absent: always. False where there is nothing of its kind to look at, so that it is not listed. */
  applies?(call: Call, environment: Environment): boolean
  /** For a dry run. Asks nobody and runs nothing. */
  foresee(subject: Omit<CheckSubject, 'now'>, call: Call): Foreseen
  /**
   * Runs it now and ends when `signal` does. Never rejects for its own failings: it answers
   * `ran: false`. Its message holds still while nothing relevant changes (no times, no counts of
   * seconds), because it is part of the plan that is signed; it says in one line what to do.
   */
  run(subject: CheckSubject, call: Call, signal: AbortSignal): Promise<Check>
  /**
   * Present when the check is costly, so that a promotion uses its stored result: hash of everything
   * besides the commit that the result depends on. Absent or null: the check is cheap, or what it
   * looks at may change at any time, so it always runs afresh.
   */
  evidenceKey?(call: Call, subject: CheckSubject): string | null
  /** True when a plan may run it where nothing is stored: it takes a moment, no more. */
  readonly affordable?: boolean
  /** True when a fresh stored pass may stand in for running again: the result cannot have changed. */
  readonly repeatable?: boolean
  /** True when only a validation tells it: a write looks for itself, or it is no part of a plan. */
  readonly onlyInValidation?: boolean
}

/** For a check of the project's `checks`. */
export function byPolicy(name: keyof Environment['checks']): CheckRunner['requirement'] {
  return ({ checks }) => checks[name]
}
