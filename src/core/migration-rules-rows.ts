import type { MigrationOperation, OperationKind } from './migration.ts'
import { destroys, review, safe, tableOf, takesBriefly, type Rule } from './migration-rule.ts'

/** Rows. What is in them decides how long it takes, and nobody sees that from here. */
export const rowRules = {
  truncate: (operation) =>
    destroys(
      `every row of ${tableOf(operation)} is lost${operation.facts.cascade === true ? ', and of all tables that point to it' : ''}`,
      'keep the rows until no release needs them, and have a backup',
      null,
    ),
  delete_rows: (operation) =>
    operation.facts.has_where === true
      ? review(
          `the rows of ${tableOf(operation)} that it finds are lost`,
          'count them first with the same WHERE, delete in batches, and keep a backup',
          null,
        )
      : destroys(
          `${operation.facts.has_where === false ? 'every row' : 'rows'} of ${tableOf(operation)} ${operation.facts.has_where === false ? 'is' : 'are'} lost`,
          'say which rows with WHERE, and keep a backup',
          null,
        ),
  update_rows: updateRows,
  insert_rows: () => safe(),
} satisfies Partial<Record<OperationKind, Rule>>

function updateRows(operation: MigrationOperation) {
  const { has_where, new_column } = operation.facts
  const which = has_where === true ? 'the rows it finds stay' : 'every row stays'
  const lock = `${takesBriefly('ROW EXCLUSIVE', tableOf(operation))}, but ${which} locked for other writers`
  // Values that the release that runs now never reads cannot harm it.
  return new_column === true
    ? review(
        `${lock}; in one transaction with the ALTER TABLE before it, all reads and writes wait`,
        'fill the new column in batches, each in a transaction of its own, in a later migration',
        false,
      )
    : review(
        `the old values are overwritten; ${lock}`,
        'change rows in batches, each in a transaction of its own, apart from changes of the schema',
        null,
      )
}
