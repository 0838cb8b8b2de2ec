import type {
  CreateFunctionStmt,
  CreateStmt,
  CreateTableAsStmt,
  IndexStmt,
  RangeVar,
  ViewStmt,
} from 'libpg-query'
import { columnOf } from './columns.ts'
import { change, draft, harmless, unknown, type Draft } from './draft.ts'
import { query } from './rows.ts'
import type { Seen } from './seen.ts'
import { bodiesOf, bodyOf, partsOf, relationName } from './tree.ts'

export function createTable(statement: CreateStmt): Draft[] {
  const { relation, tableElts, if_not_exists, partbound, inhRelations } = statement
  const table = relationName(relation)
  const columns = bodiesOf(tableElts, 'ColumnDef').map(columnOf)
  const fresh = if_not_exists !== true
  const made = { ...draft('create_table', table), fresh, columns, ...lifeOf(relation) }
  if (partbound === undefined) return [made]
  // PostgreSQL, "CREATE TABLE", PARTITION OF: it locks the whole parent.
  const [parent] = bodiesOf(inhRelations, 'RangeVar')
  const told = { table: relationName(parent), lock: 'ACCESS EXCLUSIVE' }
  return [made, change('partition', 'a partition is added', told)]
}

function lifeOf(relation: RangeVar | undefined): Pick<Draft, 'temporary'> {
  return relation?.relpersistence === 't' ? { temporary: true } : {}
}

export function createTableAs(statement: CreateTableAsStmt, seen: Seen): Draft[] {
  const { into, query: asked, objtype, if_not_exists } = statement
  const relation: RangeVar | undefined = into?.rel
  const name = relationName(relation)
  const made =
    objtype === 'OBJECT_MATVIEW'
      ? draft('create_view', name, null, { object: 'materialized view' })
      : { ...draft('create_table', name), fresh: if_not_exists !== true, ...lifeOf(relation) }
  if (bodyOf(asked, 'ExecuteStmt')) return [made, unknown('it carries out a prepared statement')]
  return [made, ...(asked === undefined ? [] : query(asked, seen))]
}

export function createIndex(statement: IndexStmt): Draft[] {
  const { relation, idxname, unique, concurrent } = statement
  const facts = {
    concurrently: concurrent === true,
    ...(unique && ({ constraint: 'unique' } as const)),
  }
  return [draft('create_index', relationName(relation), idxname, facts)]
}

export function createView({ view, replace }: ViewStmt): Draft[] {
  return [draft('create_view', relationName(view), null, { replaces: replace === true })]
}

/** Its body is not read: what a new one does is told where it is called. */
export function createFunction({ funcname, replace, is_procedure }: CreateFunctionStmt): Draft[] {
  if (replace !== true) return harmless()
  const object = is_procedure === true ? 'procedure' : 'function'
  const why = `a ${object} of that name, if there is one, does something else from now on`
  return [change(object, why, { name: partsOf(funcname).join('.') })]
}
