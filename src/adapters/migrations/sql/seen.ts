import type { OperationKind } from '../../../core/migration.ts'
import type { Column } from './column-type.ts'
import type { Draft } from './draft.ts'
import { tableKey } from './tree.ts'

/** What the migrations before, and the statements before, left behind. */
export interface Seen {
  /** False: only this text is known, so that what it does not show may be there all the same. */
  complete: boolean
  /** By their key. */
  tables: Map<string, Table>
  /** What was told of the schemas in which names are looked up; empty: nothing. */
  searched: string
}

interface Table {
  /** Created by the migration that is read now. */
  isNew: boolean
  /** It may have been there before all the same: CREATE TABLE IF NOT EXISTS. */
  mayBeOlder: boolean
  temporary: boolean
  columns: Map<string, SeenColumn>
}

interface SeenColumn extends Column {
  isNew: boolean
}

export function nothingSeen(complete: boolean): Seen {
  return { complete, tables: new Map(), searched: '' }
}

/** What was new is no longer, once the next migration is read. */
export function settle({ tables }: Seen): void {
  for (const [key, table] of tables) {
    if (table.temporary) tables.delete(key)
    table.isNew = false
    for (const column of table.columns.values()) column.isNew = false
  }
}

export function isNewTable({ tables }: Seen, { kind, table }: Draft): boolean {
  const known = table === null ? undefined : tableIn(tables, table)
  return known?.isNew === true && !(known.mayBeOlder && loses.has(kind))
}

export function columnSeen(seen: Seen, table: string | null, name: string | undefined) {
  if (table === null || name === undefined) return undefined
  return tableIn(seen.tables, table)?.columns.get(name)
}

/** Only what is new for certain has nothing to lose. */
const loses: ReadonlySet<OperationKind> = new Set([
  'drop_table',
  'drop_column',
  'alter_type',
  'truncate',
  'delete_rows',
  'update_rows',
] as const)

/** A temporary table is found by its bare name only. */
function tableIn(tables: Seen['tables'], table: string): Table | undefined {
  const known = tables.get(tableKey(table))
  return known?.temporary === true && table !== tableKey(table) ? undefined : known
}

/** What a name stands for is another table once it is looked up elsewhere. */
function lookElsewhere(seen: Seen, searches: string): void {
  if (seen.searched === searches) return
  seen.searched = searches
  seen.complete = false
  seen.tables.clear()
}

/** Learns what an operation leaves behind. */
export function remember(seen: Seen, change: Draft): void {
  const { kind, table, name, to, searches } = change
  if (searches !== undefined) lookElsewhere(seen, searches)
  if (table === null) return
  const key = tableKey(table)
  const { tables } = seen
  const known = tables.get(key)
  if (kind === 'create_table') {
    if (!known || change.fresh) tables.set(key, createdBy(change, seen))
  } else if (kind === 'drop_table') tables.delete(key)
  else if (kind === 'rename_table') rename(tables, key, renamed(key, to))
  else if (known && name !== null) {
    if (kind === 'drop_column') known.columns.delete(name)
    else if (kind === 'rename_column') rename(known.columns, name, to)
  }
  if (kind !== 'create_table') learn(tableAt(seen, key, change), change)
}

/** Only what columns were told of makes a table known that was not. */
function tableAt({ tables }: Seen, key: string, { columns }: Draft): Table | undefined {
  const known = tables.get(key)
  if (known || !columns) return known
  const table: Table = { isNew: false, mayBeOlder: true, temporary: false, columns: new Map() }
  tables.set(key, table)
  return table
}

function learn(table: Table | undefined, { kind, fresh, columns = [] }: Draft): void {
  for (const column of columns) {
    const before = table?.columns.get(column.name)
    const added = kind === 'add_column' && fresh !== false
    const isNew = added || before?.isNew === true
    const type = column.type ?? before?.type
    const nullable = column.nullable ?? before?.nullable
    table?.columns.set(column.name, { name: column.name, type, nullable, isNew })
  }
}

/** With IF NOT EXISTS it may be an older one, unless everything before is known and shows none. */
function createdBy({ fresh, temporary = false, columns = [] }: Draft, { complete }: Seen): Table {
  const isNew = fresh === true || complete
  const made = columns.map((each) => [each.name, { ...each, isNew }] as const)
  return { isNew, mayBeOlder: fresh !== true, temporary, columns: new Map(made) }
}

function rename<Value>(map: Map<string, Value>, from: string, to: string | undefined): void {
  const value = map.get(from)
  map.delete(from)
  if (value !== undefined && to !== undefined) map.set(to, value)
}

/** A table stays in its schema when only its name changes. */
function renamed(key: string, to: string | undefined): string | undefined {
  if (to === undefined || to.includes('.')) return to === undefined ? to : tableKey(to)
  const schema = key.includes('.') ? `${key.slice(0, key.lastIndexOf('.'))}.` : ''
  return `${schema}${to}`
}
