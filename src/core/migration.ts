/** How a repository's migrations are kept. */
export const migrationFrameworks = [
  'sql',
  'flyway',
  'prisma',
  'rails',
  'alembic',
  'django',
] as const
export type MigrationFramework = (typeof migrationFrameworks)[number]

/** From what may be done at any time to what nobody can tell. `unknown` is never taken for safe. */
export type MigrationVerdict = 'safe' | 'needs_review' | 'destructive' | 'unknown'

/** All migrations of one directory at one commit, in the order they would be applied. */
export interface MigrationSet {
  framework: MigrationFramework
  /** Slash-separated, relative to the root. */
  directory: string
  migrations: Migration[]
}

export interface Migration {
  /** What the framework calls it: the revision of Alembic, the number of Flyway, else the file's name. */
  revision: string
  /** Slash-separated, relative to the root. Untrusted text. */
  file: string
  /** The revisions it builds on; empty for a first one. For plain SQL the one before it in order. */
  parents: string[]
  /** SHA-256 of the file's bytes, in hex: an applied migration must not change. */
  digest: string
  /** What it does on the way up, in order. The way down is never part of it. */
  operations: MigrationOperation[]
}

/** One thing a migration does to the schema or to the data, whatever it was written in. */
export interface MigrationOperation {
  kind: OperationKind
  /** Where it begins in the file, from 1. */
  line: number
  /** As it stands in the file, on one line, at most 300 characters. Untrusted text. */
  statement: string
  /** The table it is about, with its schema where one is named; null when it is about none, or nobody knows. */
  table: string | null
  /** The column, constraint, index or type it is about; null when there is none. */
  name: string | null
  /** What decides beside the kind; absent: unknown, and judged as such. */
  facts: OperationFacts
}

export const operationKinds = [
  'create_table',
  'drop_table',
  'rename_table',
  'add_column',
  'drop_column',
  'rename_column',
  'alter_type',
  'set_not_null',
  'drop_not_null',
  'set_default',
  'drop_default',
  'add_constraint',
  'drop_constraint',
  'validate_constraint',
  'create_index',
  'drop_index',
  'create_type',
  'add_enum_value',
  'drop_type',
  'rename_other',
  'truncate',
  'delete_rows',
  'update_rows',
  'insert_rows',
  'create_view',
  'drop_view',
  'lock_table',
  'rewrite_table',
  /** Understood, and none of the others: a trigger, a policy, a partition. Its facts say what to look at. */
  'other_change',
  /** Understood, and neither takes a lock that matters nor loses anything. */
  'harmless',
  /** Computed text, a call of something else, or a statement that nobody could read. */
  'unknown',
] as const
export type OperationKind = (typeof operationKinds)[number]

export interface OperationFacts {
  /** Of a new column, or of one that loses its default: it accepts NULL. */
  nullable?: boolean
  /** Of a new column: `constant` needs no rewrite (Postgres 11 and later), `computed` does. */
  default?: 'none' | 'constant' | 'computed'
  /**
   * Of a changed type: not every old value fits the new one. False only where it is the same kind of value
   * with more room, so that a release that knows the old type goes on. Absent: nobody can tell.
   */
  narrowed?: boolean
  /** Of a changed type: the table is written anew. Absent: nobody can tell. */
  rewrites?: boolean
  /** Of a constraint; of an index: `unique`, when it is. */
  constraint?: 'primary_key' | 'unique' | 'foreign_key' | 'check' | 'exclude'
  /** Of a constraint: what is there already is not checked yet (NOT VALID). */
  not_valid?: boolean
  /** Of an index, or of a constraint that takes over one that is there already: nobody waits for its making. */
  concurrently?: boolean
  /** Of rows: only some are meant. */
  has_where?: boolean
  /** The table it is about was created by the same migration, so nobody uses it yet. */
  new_table?: boolean
  /** Of changed rows and dropped defaults: only columns that the same migration added are concerned. */
  new_column?: boolean
  /** Of what is dropped: it takes along what depends on it. */
  cascade?: boolean
  /** Of a view: it may take the place of an older one; of a dropped one: it is made again at once. */
  replaces?: boolean
  /** Of what is no table: what it is, such as `trigger`, `enum value` or `extension`. */
  object?: string
  /** Of `lock_table` and `other_change`: the lock Postgres takes on the table, such as `SHARE ROW EXCLUSIVE`. */
  lock?: string
  /** Of `unknown` why nobody can tell, of `other_change` what it does, in words; no full stop. */
  why?: string
}

export interface MigrationFinding {
  revision: string
  file: string
  line: number
  /** `linted`: another linter found it, and gonogo did not. */
  kind: OperationKind | StructureKind | 'linted'
  verdict: MigrationVerdict
  /** As it stands in the file. Untrusted text. Empty for a finding about the structure. */
  statement: string
  /** The lock it takes and what waits for it, or the data it loses; null when there is nothing to tell. */
  effect: string | null
  /** The safer way. */
  advice: string
  /** The release that runs now no longer works once this was applied; null: nobody can tell. */
  breaks_old_release: boolean | null
}

/** What is wrong with a set as a whole. */
export type StructureKind =
  | 'several_heads'
  | 'missing_parent'
  | 'repeated_revision'
  | 'edited'
  | 'removed'
  | 'unreadable'

/** What the migrations between two commits come to. */
export interface MigrationReport {
  /** Null when no migrations were found, and when the directories are of several. */
  framework: MigrationFramework | null
  directories: string[]
  /** Full hash of the commit that runs now; null when none is known, so that all migrations count. */
  from: string | null
  to: string
  /** Revisions that nothing builds on; more than one cannot be applied. */
  heads: string[]
  /** What would be applied, in order. */
  revisions: string[]
  findings: MigrationFinding[]
  /** The worst of the findings; `safe` without any. */
  verdict: MigrationVerdict
  /** Whether the release that runs now still works on the new schema; null: nobody can tell. */
  code_only_rollback: boolean | null
  /** What was not done, such as a linter that is not installed. */
  notes: string[]
}

/** The part of a report that is approved with a plan. */
export type PlannedMigrations = Pick<
  MigrationReport,
  'framework' | 'revisions' | 'verdict' | 'code_only_rollback'
>
