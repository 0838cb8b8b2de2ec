import type { MigrationOperation, OperationKind } from './migration.ts'
import {
  cannotTell,
  destroys,
  nameOf,
  review,
  safe,
  tableOf,
  takes,
  takesBriefly,
  type Judgement,
  type Rule,
} from './migration-rule.ts'

/**
 * Columns. What is written anew and what is only noted: PostgreSQL, "ALTER TABLE", Notes
 * (https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES), from version 11 on.
 */
export const columnRules = {
  add_column: addColumn,
  drop_column: (operation) =>
    destroys(
      `every value of ${columnOf(operation)} is lost`,
      'stop using it in one release, and drop it in a later one (expand and contract)',
      true,
    ),
  rename_column: (operation) =>
    review(
      takesBriefly('ACCESS EXCLUSIVE', tableOf(operation)),
      'a release that knows the old name fails at once: add the new column, write both, move the values in ' +
        'batches, and drop the old one in a later release',
      true,
    ),
  alter_type: alterType,
  set_not_null: (operation) =>
    review(
      operation.facts.not_valid === true
        ? takesBriefly('ACCESS EXCLUSIVE', tableOf(operation))
        : takes('ACCESS EXCLUSIVE', tableOf(operation), 'while every row is read'),
      'a release that writes no value fails: let all releases write one first; add CHECK (... IS NOT NULL) ' +
        'NOT VALID and validate it in a later migration, then SET NOT NULL reads no rows',
      true,
    ),
  // The release that runs now may meet a NULL where it never met one.
  drop_not_null: () => safe(null),
  set_default: () => safe(),
  drop_default: dropDefault,
} satisfies Partial<Record<OperationKind, Rule>>

function columnOf(operation: MigrationOperation): string {
  return `${tableOf(operation)}.${nameOf(operation, 'the column')}`
}

function addColumn(operation: MigrationOperation): Judgement {
  const { nullable, default: value } = operation.facts
  const table = tableOf(operation)
  if (value === 'computed') {
    return review(
      takes('ACCESS EXCLUSIVE', table, 'while every row is written anew'),
      'add it without the default, set the default, and fill old rows in batches',
    )
  }
  if (value === 'constant') return safe()
  if (nullable === true && value === 'none') return safe()
  if (nullable === false && value === 'none') {
    return review(
      `fails where ${table} has rows, and then a release that does not know ${columnOf(operation)} cannot insert`,
      'add it with a DEFAULT, or as NULL; fill it in batches, and make it NOT NULL in a later release',
      true,
    )
  }
  return cannotTell(
    'whether it needs a value, and whether it has a default, is not written plainly',
    'write nullability and default of the new column as constants',
  )
}

function alterType(operation: MigrationOperation): Judgement {
  const { narrowed, rewrites } = operation.facts
  const table = tableOf(operation)
  const lock =
    rewrites === false
      ? takesBriefly('ACCESS EXCLUSIVE', table)
      : takes('ACCESS EXCLUSIVE', table, 'while every row is written anew')
  const advice =
    'add a column of the new type, write both, move the values in batches, and drop the old one in a later release'
  if (narrowed === true) {
    const lost = `values of ${columnOf(operation)} that do not fit are cut, rounded or refused`
    return destroys(`${lost}; ${lock}`, advice, true)
  }
  if (narrowed === undefined) {
    const told = `whether every value of ${columnOf(operation)} fits the new type cannot be told`
    const may = rewrites === undefined ? lock.replace('takes', 'may take') : lock
    return cannotTell(`${told}; ${may}`, advice)
  }
  return rewrites === false ? safe() : review(lock, advice)
}

function dropDefault(operation: MigrationOperation): Judgement {
  const { nullable, new_column } = operation.facts
  // The release that runs now may meet a NULL where it never met one, unless it does not know the column.
  if (nullable === true) return safe(new_column === true ? false : null)
  return review(
    `an insert that leaves ${columnOf(operation)} out gets no value any more`,
    'make sure that every release that runs writes the column, and drop the default later',
    nullable === false ? true : null,
  )
}
