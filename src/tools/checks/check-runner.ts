import type { Check, CheckName } from '../../core/check.ts'
import type { Environment } from '../../core/project.ts'
import type { ResolvedRef } from '../../core/release.ts'
import type { Call } from '../../ports/context.ts'

/** What a check is about. */
export interface CheckSubject {
  environment: Environment
  release: ResolvedRef
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
  readonly name: CheckName
  /** Absent: always. False where there is nothing of its kind to look at, so that it is not listed. */
  applies?(call: Call): boolean
  /** For a dry run. Asks nobody and runs nothing. */
  foresee(subject: CheckSubject, call: Call): Foreseen
  /** Runs it now. Never rejects for its own failings: it answers `ran: false`. */
  run(subject: CheckSubject, call: Call): Promise<Check>
  /**
   * Present when the check is costly, so that a promotion uses its stored result: hash of everything
   * besides the commit that the result depends on. Absent or null: the check is cheap, or what it
   * looks at may change at any time, so it always runs afresh.
   */
  evidenceKey?(call: Call): string | null
  /** True when a fresh stored pass may stand in for running again: the result cannot have changed. */
  readonly repeatable?: boolean
}
