import type { MigrationOperation, OperationKind } from './migration.ts'
import {
  nameOf,
  queueAdvice,
  review,
  safe,
  tableOf,
  takes,
  takesBriefly,
  type Judgement,
  type Rule,
} from './migration-rule.ts'

/**
 * Constraints and indexes. Locks: PostgreSQL, "ALTER TABLE", "CREATE INDEX" and "DROP INDEX"
 * (https://www.postgresql.org/docs/current/sql-altertable.html, .../sql-createindex.html).
 */
export const constraintRules = {
  add_constraint: addConstraint,
  // Whoever counts on it (ON CONFLICT, a join that must not multiply) is not to be seen from here.
  drop_constraint: (operation) =>
    review(
      takesBriefly('ACCESS EXCLUSIVE', `${tableOf(operation)} (and where a foreign key points to)`),
      `what ${nameOf(operation, 'it')} kept out may be written from now on; ${queueAdvice}`,
      isOnlyAGuard(operation) ? false : null,
    ),
  // SHARE UPDATE EXCLUSIVE, and ROW SHARE on the table a foreign key points to.
  validate_constraint: () => safe(),
  create_index: createIndex,
  drop_index: dropIndex,
} satisfies Partial<Record<OperationKind, Rule>>

/** Nothing can name one of these in ON CONFLICT. */
function isOnlyAGuard({ facts }: MigrationOperation): boolean {
  return facts.constraint === 'check' || facts.constraint === 'foreign_key'
}

/** Every new rule may refuse what the release that runs now still writes, whatever it does to old rows. */
const writesAnyway = 'make sure that every release that runs already writes what it allows'

function addConstraint(operation: MigrationOperation): Judgement {
  const { constraint, not_valid, concurrently } = operation.facts
  const table = tableOf(operation)
  if (constraint === 'foreign_key') {
    const both = `${table} and on the table it points to`
    return not_valid === true
      ? safe(null, takesBriefly('SHARE ROW EXCLUSIVE', both))
      : review(
          takes('SHARE ROW EXCLUSIVE', both, 'while every row is checked'),
          `add it NOT VALID, and VALIDATE CONSTRAINT in a later migration; ${writesAnyway}`,
          null,
        )
  }
  if (not_valid === true || concurrently === true) {
    const lock = takesBriefly('ACCESS EXCLUSIVE', table)
    return review(lock, `${queueAdvice}; ${writesAnyway}`, null)
  }
  if (constraint === 'check') {
    return review(
      takes('ACCESS EXCLUSIVE', table, 'while every row is checked'),
      `add it NOT VALID, and VALIDATE CONSTRAINT in a later migration; ${writesAnyway}`,
      null,
    )
  }
  return review(
    takes('ACCESS EXCLUSIVE', table, 'while its index is built'),
    `create the unique index CONCURRENTLY first, then ADD CONSTRAINT ... USING INDEX; ${writesAnyway}`,
    null,
  )
}

function createIndex(operation: MigrationOperation): Judgement {
  const { concurrently, constraint } = operation.facts
  const unique = constraint === 'unique'
  if (concurrently === true) {
    return unique
      ? review(
          'values that are there twice are refused from now on, and make it fail',
          `look for them first; ${writesAnyway}`,
          null,
        )
      : safe()
  }
  return review(
    takes('SHARE', tableOf(operation), 'while the index is built'),
    `create it CONCURRENTLY, outside a transaction${unique ? `; ${writesAnyway}` : ''}`,
    unique ? null : false,
  )
}

function dropIndex(operation: MigrationOperation): Judgement {
  const { concurrently } = operation.facts
  const advice = 'a release that needs it gets slow, and ON CONFLICT fails without a unique one'
  if (concurrently === true) return review('queries lose the index', advice, null)
  return review(
    takesBriefly('ACCESS EXCLUSIVE', tableOf(operation)),
    `drop it CONCURRENTLY, outside a transaction; ${advice}`,
    null,
  )
}
