import type { AlterObjectSchemaStmt, DropStmt, Node, ObjectType, RenameStmt } from 'libpg-query'
import type { OperationFacts } from '../../../core/migration.ts'
import { change, draft, harmless, type Draft } from './draft.ts'
import { bodyOf, partsOf, relationName } from './tree.ts'

/** One operation for each thing that is dropped. */
export function drop({ objects, removeType, behavior, concurrent }: DropStmt): Draft[] {
  const cascade = behavior === 'DROP_CASCADE'
  const make = (removeType && makers[removeType]) ?? others
  const how = { cascade, concurrently: concurrent === true, object: wordsOf(removeType) }
  return (objects ?? []).map((node) => make(node, how))
}

type Maker = (node: Node, how: { cascade: boolean; concurrently: boolean; object: string }) => Draft

const droppedTable: Maker = (node, { cascade }) =>
  draft('drop_table', nameIn(node), null, { cascade })
const droppedView: Maker = (node, { cascade, object }) =>
  draft('drop_view', nameIn(node), null, { cascade, object })
const others: Maker = (node, { cascade, object }) =>
  draft('drop_type', null, nameIn(node), { cascade, object })

const makers: Partial<Record<ObjectType, Maker>> = {
  OBJECT_TABLE: droppedTable,
  OBJECT_FOREIGN_TABLE: droppedTable,
  OBJECT_VIEW: droppedView,
  OBJECT_MATVIEW: droppedView,
  OBJECT_INDEX: (node, { concurrently }) =>
    draft('drop_index', null, nameIn(node), { concurrently }),
  // Without CASCADE there is nothing in it, or it fails.
  OBJECT_SCHEMA: (node, { cascade, object }) =>
    draft(cascade ? 'drop_table' : 'drop_type', null, nameIn(node), { cascade, object }),
  OBJECT_TRIGGER: onTable,
  OBJECT_POLICY: onTable,
  OBJECT_RULE: onTable,
}

/** These are named after their table. */
function onTable(node: Node, { object }: { object: string }): Draft {
  const parts = partsOf(bodyOf(node, 'List')?.items)
  const told = { table: parts.slice(0, -1).join('.') || null, name: parts.at(-1) }
  return change(object, `the ${object} no longer acts`, { ...told, lock: 'ACCESS EXCLUSIVE' })
}

function nameIn(node: Node): string | null {
  const list = bodyOf(node, 'List')?.items
  const type = bodyOf(node, 'TypeName')?.names
  const single = bodyOf(node, 'String')?.sval
  const called = bodyOf(node, 'ObjectWithArgs')?.objname
  return single ?? (partsOf(list ?? type ?? called).join('.') || null)
}

function wordsOf(type: ObjectType | undefined): string {
  return (type ?? 'OBJECT').replace('OBJECT_', '').toLowerCase().replaceAll('_', ' ')
}

/** Those whose name is used by nobody but people and the database itself. */
const unnamed: ReadonlySet<ObjectType | undefined> = new Set([
  'OBJECT_INDEX',
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
  'OBJECT_RULE',
  'OBJECT_STATISTIC_EXT',
] as const)

export function rename(statement: RenameStmt): Draft[] {
  const { renameType, relationType, relation, object, subname, newname: to = '' } = statement
  const table = relationName(relation)
  if (unnamed.has(renameType)) return harmless()
  if (renameType === 'OBJECT_COLUMN' && relationType !== 'OBJECT_TYPE')
    return [{ ...draft('rename_column', table, subname), to }]
  if (renameType === 'OBJECT_TABLE') return [{ ...draft('rename_table', table), to }]
  const facts: OperationFacts = {
    object: renameType === 'OBJECT_TABCONSTRAINT' ? 'constraint' : wordsOf(renameType),
  }
  const name = subname ?? table ?? (object === undefined ? null : nameIn(object))
  return [draft('rename_other', table, name, facts)]
}

/** Whoever names it with its schema, or does not search there, no longer finds it. */
export function moveToSchema(statement: AlterObjectSchemaStmt): Draft[] {
  const { relation, object, objectType, newschema } = statement
  const table = relationName(relation)
  if (objectType === 'OBJECT_TABLE' && relation)
    return [{ ...draft('rename_table', table), to: `${newschema}.${relation.relname}` }]
  const name = table ?? (object === undefined ? null : nameIn(object))
  return [draft('rename_other', table, name, { object: wordsOf(objectType) })]
}
