import type { CommitChecks } from '../core/commit-checks.ts'

/** What a platform keeps about commits: the results of its checks. */
export interface CommitRecords {
  /** Where they are asked for, such as `acme/clinic`, for a dry run. */
  describe(): string
  /** Fails with a `Failure` when nothing can be read at all; partial answers name their problems. */
  checks(sha: string): Promise<CommitChecks>
}
