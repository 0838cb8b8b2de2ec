import type {
  CopyStmt,
  DeleteStmt,
  InsertStmt,
  IntoClause,
  MergeStmt,
  Node,
  TruncateStmt,
  UpdateStmt,
} from 'libpg-query'
import { draft, harmless, unknown, type Draft } from './draft.ts'
import { knownFunctions } from './known-functions.ts'
import { columnSeen, type Seen } from './seen.ts'
import { bodiesOf, findBelow, ownName, partsOf, relationName } from './tree.ts'

/** Everything a query does to rows, in WITH and in subqueries too, and what else it calls. */
export function query(statement: Node, seen: Seen): Draft[] {
  const drafts = [
    ...findBelow(statement, 'DeleteStmt').map(deleted),
    ...findBelow(statement, 'UpdateStmt').map((body) => updated(body, seen)),
    ...findBelow(statement, 'InsertStmt').flatMap(inserted),
    ...findBelow(statement, 'MergeStmt').flatMap(merged),
    ...findBelow(statement, 'SelectStmt').flatMap(({ intoClause }) =>
      intoClause ? [intoTable(intoClause)] : [],
    ),
    ...calls(statement),
    ...lookingElsewhere(statement),
  ]
  return drafts.length === 0 ? harmless() : drafts
}

function intoTable({ rel }: IntoClause): Draft {
  const temporary = rel?.relpersistence === 't'
  return {
    ...draft('create_table', relationName(rel)),
    fresh: true,
    ...(temporary && { temporary }),
  }
}

/** `set_config('search_path', ...)`, which pg_dump writes. */
function lookingElsewhere(statement: Node): Draft[] {
  return findBelow(statement, 'FuncCall').flatMap(({ funcname, args }) => {
    const [name, path] = bodiesOf(args, 'A_Const').map(({ sval }) => sval?.sval ?? '')
    const sets = partsOf(funcname).at(-1) === 'set_config' && name === 'search_path'
    return sets ? [{ ...draft('harmless'), searches: `to ${path}` }] : []
  })
}

/** A function may do anything; only Postgres' own are known. */
function calls(tree: Node | undefined): Draft[] {
  const names = findBelow(tree, 'FuncCall').map(({ funcname }) => partsOf(funcname))
  const others = names.filter((parts) => !knownFunctions.has(ownName(parts)))
  const shown = new Set(others.map((parts) => parts.join('.')))
  return [...shown].map((name) => unknown(`it calls ${name}(), and what that does is not read`))
}

function deleted({ relation, whereClause }: DeleteStmt): Draft {
  return draft('delete_rows', relationName(relation), null, { has_where: isChoosing(whereClause) })
}

/** `WHERE true` and `WHERE 1 = 1` look at no row. */
function isChoosing(where: Node | undefined): boolean {
  const looks = ['ColumnRef', 'SubLink', 'ParamRef', 'CurrentOfExpr'] as const
  return looks.some((name) => findBelow(where, name).length > 0)
}

function updated({ relation, targetList, whereClause }: UpdateStmt, seen: Seen): Draft {
  const table = relationName(relation)
  const written = bodiesOf(targetList, 'ResTarget').map(({ name }) => name)
  const onlyNew = written.every((name) => columnSeen(seen, table, name)?.isNew === true)
  const facts = { has_where: isChoosing(whereClause), new_column: onlyNew }
  return draft('update_rows', table, written.length === 1 ? written[0] : null, facts)
}

function inserted({ relation, onConflictClause }: InsertStmt): Draft[] {
  const table = relationName(relation)
  const replaces = onConflictClause?.action === 'ONCONFLICT_UPDATE'
  const update = draft('update_rows', table, null, { has_where: true })
  return [draft('insert_rows', table), ...(replaces ? [update] : [])]
}

function merged({ relation, mergeWhenClauses }: MergeStmt): Draft[] {
  const table = relationName(relation)
  const deletes = bodiesOf(mergeWhenClauses, 'MergeWhenClause').some(
    ({ commandType }) => commandType === 'CMD_DELETE',
  )
  const facts = { has_where: true }
  const update = draft('update_rows', table, null, facts)
  return deletes ? [update, draft('delete_rows', table, null, facts)] : [update]
}

export function truncate({ relations, behavior }: TruncateStmt): Draft[] {
  return bodiesOf(relations, 'RangeVar').map((relation) =>
    draft('truncate', relationName(relation), null, { cascade: behavior === 'DROP_CASCADE' }),
  )
}

export function copy(statement: CopyStmt, seen: Seen): Draft[] {
  const { relation, is_from, is_program, query: asked } = statement
  if (is_program === true) return [unknown('it starts a program on the database server')]
  if (is_from === true) return [draft('insert_rows', relationName(relation))]
  return asked === undefined ? harmless() : query(asked, seen)
}
