import type { MigrationFinding, MigrationFramework, MigrationSet } from '../core/migration.ts'

/** Reads a repository's migrations as text. Never runs any of its code. */
export interface Migrations {
  /**
   * Every set below `paths`, or wherever one is found without any. Never fails for what a file contains:
   * what cannot be read is an operation of kind `unknown`. Fails with `invalid_configuration` when a path
   * that was named holds no migrations.
   */
  read(sha: string, wanted: MigrationsWanted): Promise<MigrationSet[]>
  /** What another linter finds in these files of a commit, where one is installed. */
  lint(sha: string, files: readonly string[], signal?: AbortSignal): Promise<MigrationLint>
}

export interface MigrationsWanted {
  /** Directories relative to the root; empty: look for them. */
  paths: readonly string[]
  /** Null: told by what the files look like. */
  framework: MigrationFramework | null
  signal?: AbortSignal
}

export interface MigrationLint {
  /** Such as `squawk 2.66.0`; null when there is none. */
  linter: string | null
  findings: Pick<MigrationFinding, 'file' | 'line' | 'statement' | 'effect' | 'advice'>[]
  /** Why it could not be used; null when it could, or there is none. */
  problem: string | null
}
