import type { MigrationOperation } from '../../../core/migration.ts'
import { unknown, type Draft } from './draft.ts'
import { loadParser, type Parse } from './parser.ts'
import { operationsOf } from './readers.ts'
import { isNewTable, nothingSeen, remember, settle, type Seen } from './seen.ts'
import { statementsOf, type Statement } from './statements.ts'
import { tableKey } from './tree.ts'

/** What a text of SQL does, statement by statement. Never fails for what the text contains. */
export async function readSql(
  text: string,
  place: { line: number },
): Promise<MigrationOperation[]> {
  return operationsIn(text, place.line, nothingSeen(false), await loadParser())
}

/** The same for texts that are applied one after the other from an empty database on. */
export async function readSqlInOrder(texts: readonly string[]): Promise<MigrationOperation[][]> {
  const parse = await loadParser()
  const seen = nothingSeen(true)
  return texts.map((text) => {
    settle(seen)
    return operationsIn(text, 1, seen, parse)
  })
}

function operationsIn(text: string, line: number, seen: Seen, parse: Parse): MigrationOperation[] {
  return withNewViews(inOrder(text, line, seen, parse))
}

/** A view that is dropped to be made again is there when the migration is done. */
function withNewViews(operations: MigrationOperation[]): MigrationOperation[] {
  const last = new Map<string, number>()
  for (const [index, { kind, table }] of operations.entries())
    if (kind === 'create_view' && table !== null) last.set(tableKey(table), index)
  return operations.map((operation, index) => {
    const { kind, table, facts } = operation
    const isBack = table !== null && (last.get(tableKey(table)) ?? -1) > index
    if (kind !== 'drop_view' || !isBack) return operation
    return { ...operation, facts: { ...facts, replaces: true } }
  })
}

function inOrder(text: string, line: number, seen: Seen, parse: Parse): MigrationOperation[] {
  return statementsOf(text, parse).flatMap((statement) =>
    draftsOf(statement, seen).map(({ kind, table, name, facts, ...rest }) => {
      const draft = { kind, table, name, facts, ...rest }
      const isNew = isNewTable(seen, draft)
      remember(seen, draft)
      return {
        kind,
        line: line + statement.line - 1,
        statement: statement.text,
        table,
        name,
        facts: { ...facts, ...(isNew && { new_table: true }) },
      }
    }),
  )
}

function draftsOf({ tree, problem }: Statement, seen: Seen): Draft[] {
  if (tree === null) return [unknown(`Postgres' parser does not read it: ${problem}`)]
  return operationsOf(tree, seen)
}
