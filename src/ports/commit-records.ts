import type { CommitChecks } from '../core/commit-checks.ts'
import type { PlatformSuite } from '../core/project.ts'
import type { SuiteResult } from '../core/test-suites.ts'

/** What a platform keeps about commits: the results of its checks. */
export interface CommitRecords {
  /** Where they are asked for, such as `acme/clinic`, for a dry run. */
  describe(): string
  /**
   * Results of exactly this commit, those of the named suites apart. Fails with a `Failure` when nothing
   * can be read at all; partial answers name their problems.
   */
  look(sha: string, suites: readonly PlatformSuite[], signal?: AbortSignal): Promise<CommitLook>
}

export interface CommitLook {
  checks: CommitChecks
  /** As many as were asked for, in that order. */
  suites: SuiteResult[]
}
