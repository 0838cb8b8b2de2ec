import type { MigrationOperation, OperationKind } from './migration.ts'
import {
  cannotTell,
  destroys,
  nameOf,
  queueAdvice,
  review,
  safe,
  tableOf,
  takes,
  takesBriefly,
  type Rule,
} from './migration-rule.ts'

/**
 * Tables and whatever else is no column, constraint or index. Locks as in PostgreSQL, "Explicit Locking"
 * and "ALTER TABLE" (https://www.postgresql.org/docs/current/sql-altertable.html).
 */
export const tableRules = {
  create_table: () => safe(),
  drop_table: (operation) =>
    destroys(
      `every row of ${droppedOf(operation)} is lost`,
      'stop using it in one release, drop it in a later one, and keep a backup',
      true,
    ),
  rename_table: (operation) =>
    review(
      takesBriefly('ACCESS EXCLUSIVE', tableOf(operation)),
      'a release that knows the old name fails at once: keep the old name as a view until none runs',
      true,
    ),
  create_type: () => safe(),
  // A reader that knows the values by heart may refuse one that is new to it.
  add_enum_value: () => safe(null),
  drop_type: dropOther,
  rename_other: (operation) =>
    review(
      `${objectOf(operation)} gets another name`,
      'a release that knows the old name may fail: add the new one beside it, and drop the old one later',
      operation.facts.object === 'constraint' ? null : true,
    ),
  create_view: ({ facts }) => safe(facts.replaces === true ? null : false),
  drop_view: (operation) =>
    review(
      takesBriefly('ACCESS EXCLUSIVE', tableOf(operation)),
      operation.facts.replaces === true
        ? 'drop it and make it again in one transaction, with the columns that every release knows'
        : 'a release that reads the view fails: drop it once none runs that does',
      operation.facts.replaces === true ? null : true,
    ),
  lock_table: (operation) =>
    review(
      takesBriefly(operation.facts.lock ?? 'ACCESS EXCLUSIVE', tableOf(operation)),
      'leave the lock to the statement that needs it, or keep the transaction short; set lock_timeout',
    ),
  rewrite_table: (operation) =>
    review(
      takes('ACCESS EXCLUSIVE', tableOf(operation), 'while all of it is written anew'),
      'plan it for a quiet hour, or change a copy and swap the two',
    ),
  other_change: otherChange,
  harmless: () => safe(),
  unknown: ({ facts }) =>
    cannotTell(
      facts.why === undefined ? null : facts.why,
      'write it as plain statements, or read it and decide: gonogo cannot tell what it does',
    ),
} satisfies Partial<Record<OperationKind, Rule>>

function droppedOf(operation: MigrationOperation): string {
  const { object } = operation.facts
  if (object === undefined) return tableOf(operation)
  return `${object} ${nameOf(operation, '')}`.trim()
}

function objectOf(operation: MigrationOperation): string {
  const object = operation.facts.object ?? 'an object'
  return operation.name === null ? object : `${object} ${nameOf(operation, '')}`
}

/** With CASCADE the columns of a dropped type go too, and the rows cannot tell. */
function dropOther(operation: MigrationOperation) {
  const what = objectOf(operation)
  if (operation.facts.cascade === true) {
    return destroys(
      `${what} is dropped with all that depends on it, columns and their values too`,
      'drop it without CASCADE, and name what depends on it first',
      true,
    )
  }
  return review(
    `${what} is dropped`,
    'a release that uses it fails: drop it once none runs that does',
    null,
  )
}

function otherChange(operation: MigrationOperation) {
  const { lock, why = 'it changes how the database behaves' } = operation.facts
  const taken = lock === undefined ? [] : [takesBriefly(lock, tableOf(operation))]
  const told = [why, ...taken].join('; ')
  const queue = lock === 'ACCESS EXCLUSIVE' ? `; ${queueAdvice}` : ''
  return review(told, `read what it does to the release that runs now${queue}`, null)
}
