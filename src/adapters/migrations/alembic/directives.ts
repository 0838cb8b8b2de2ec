import type { MigrationOperation, OperationFacts } from '../../../core/migration.ts'
import { lineOf, shown } from '../python/node.ts'
import { addOperation, addUnknown, type Report } from '../python/report.ts'
import {
  isNone,
  memberOf,
  none,
  opaque,
  textOf,
  type PyCall,
  type PyHandle,
  type PyValue,
} from '../python/value.ts'
import { typeChange } from '../sql/column-type.ts'
import { addColumn, isTrue, type About } from './columns.ts'
import { execute } from './execute.ts'
import { columnTypeOf } from './types.ts'

/** A call of `op.something`, or of the same on a table in `with op.batch_alter_table(...)`. */
export interface Directive {
  call: PyCall
  /** Null: of `op` itself, where the table is one of the arguments. */
  batch: PyHandle | null
  report: Report
}

/** What Alembic's operations come to; what is not here is unknown. */
export function directive(name: string, on: Directive): PyValue {
  const known = directives.get(name)
  if (known) return known(on) ?? none
  addUnknown(on.report, on.call.node, `gonogo does not know what op.${name} does`)
  return opaque(`op.${name} made it`, true)
}

type Act = (on: Directive) => PyValue | void

const directives = new Map<string, Act>([
  ['create_table', createTable],
  ['drop_table', (on) => add(on, 'drop_table', { at: 0 })],
  [
    'rename_table',
    (on) => add(on, 'rename_table', { at: 0, name: argumentOf(on, 1, 1, 'new_table_name') }),
  ],
  ['add_column', (on) => addColumn(about(on, 0), argumentOf(on, 0, 1, 'column'), on.report)],
  [
    'drop_column',
    (on) => add(on, 'drop_column', { at: 0, name: argumentOf(on, 0, 1, 'column_name') }),
  ],
  ['alter_column', alterColumn],
  ['create_index', createIndex],
  [
    'drop_index',
    (on) => add(on, 'drop_index', { at: 1, name: nameOf(on), facts: concurrency(on) }),
  ],
  ['create_primary_key', (on) => constrain(on, 'primary_key', { concurrently: false })],
  ['create_unique_constraint', (on) => constrain(on, 'unique', { concurrently: false })],
  ['create_exclude_constraint', (on) => constrain(on, 'exclude', {})],
  ['create_check_constraint', (on) => constrain(on, 'check', validity(on))],
  ['create_foreign_key', (on) => constrain(on, 'foreign_key', validity(on))],
  ['drop_constraint', dropConstraint],
  [
    'execute',
    ({ call, report }) =>
      execute(argumentOf({ call, batch: null, report }, 0, 0, 'sqltext'), 'colon', call, report),
  ],
  [
    'bulk_insert',
    ({ call, report }) => execute(memberOf(call.args[0] ?? none, 'insert'), 'none', call, report),
  ],
  ['batch_alter_table', batchOf],
  ['create_table_comment', (on) => add(on, 'harmless', { at: 0 })],
  ['drop_table_comment', (on) => add(on, 'harmless', { at: 0 })],
  ['get_bind', () => handle('connection')],
  ['get_context', () => handle('context')],
  ['f', ({ call }) => call.args[0]],
  ['inline_literal', ({ call }) => call.args[0]],
])

export function handle(what: string, table: string | null = null): PyHandle {
  return { kind: 'handle', what, table }
}

/** An argument by its name or its place; a table's place is missing where the table is known. */
function argumentOf(on: Directive, tableAt: number, place: number, name: string) {
  const { call, batch } = on
  return call.keywords.get(name) ?? call.args[batch && place > tableAt ? place - 1 : place]
}

/** Where it stands, and its table, which is the first or the second argument. */
function about(on: Directive, at: 0 | 1): About {
  const { call, batch } = on
  const place = { line: lineOf(call.node), statement: shown(call.node) }
  if (batch) return { ...place, table: batch.table }
  const names = ['table_name', 'source_table', 'old_table_name']
  const given = names.map((name) => call.keywords.get(name)).find((value) => value !== undefined)
  const table = textOf(given ?? call.args[at])
  const schema = call.keywords.get('schema') ?? call.keywords.get('source_schema')
  if (isNone(schema) || table === null) return { ...place, table }
  const inside = textOf(schema)
  return { ...place, table: inside === null ? null : `${inside}.${table}` }
}

interface Told {
  at: 0 | 1
  name?: PyValue | undefined
  facts?: OperationFacts
}

function add(
  on: Directive,
  kind: MigrationOperation['kind'],
  { at, name, facts = {} }: Told,
): void {
  addOperation(on.report, { ...about(on, at), kind, name: textOf(name), facts })
}

/** The name of a constraint or an index, which comes first. */
function nameOf({ call }: Directive): PyValue | undefined {
  return call.keywords.get('constraint_name') ?? call.keywords.get('index_name') ?? call.args[0]
}

function createTable(on: Directive): void {
  const operation = { ...about(on, 0), kind: 'create_table', name: null, facts: {} } as const
  const mayExist = isTrue(on.call.keywords.get('if_not_exists')) || on.call.keywords.has('*')
  addOperation(on.report, operation, { mayExist })
}

function batchOf(on: Directive): PyValue {
  const { table } = about(on, 0)
  // Nothing else makes Alembic copy a table on Postgres.
  if (textOf(on.call.keywords.get('recreate')) === 'always') add(on, 'rewrite_table', { at: 0 })
  return handle('batch', table)
}

function createIndex(on: Directive): void {
  const unique = isTrue(on.call.keywords.get('unique'))
  const facts = { ...concurrency(on), ...(unique && ({ constraint: 'unique' } as const)) }
  add(on, 'create_index', { at: 1, name: nameOf(on), facts })
}

function concurrency({ call }: Directive): OperationFacts {
  const value = call.keywords.get('postgresql_concurrently')
  return { concurrently: value?.kind === 'bool' && value.value }
}

function validity({ call }: Directive): OperationFacts {
  const value = call.keywords.get('postgresql_not_valid')
  return { not_valid: value?.kind === 'bool' && value.value }
}

function constrain(
  on: Directive,
  constraint: NonNullable<OperationFacts['constraint']>,
  facts: OperationFacts,
): void {
  add(on, 'add_constraint', { at: 1, name: nameOf(on), facts: { constraint, ...facts } })
}

const constraintTypes: Record<string, NonNullable<OperationFacts['constraint']>> = {
  foreignkey: 'foreign_key',
  primary: 'primary_key',
  unique: 'unique',
  check: 'check',
}

function dropConstraint(on: Directive): void {
  const constraint = constraintTypes[textOf(argumentOf(on, 1, 2, 'type_')) ?? '']
  add(on, 'drop_constraint', { at: 1, name: nameOf(on), facts: constraint ? { constraint } : {} })
}

/** Each thing it changes is an operation of its own. */
function alterColumn(on: Directive): void {
  const { call, report } = on
  if (call.more) {
    addUnknown(report, call.node, 'what it changes is put together when it runs')
    return
  }
  const name = argumentOf(on, 0, 1, 'column_name')
  const changes = changesOf(call)
  for (const [kind, facts] of changes) add(on, kind, { at: 0, name, facts })
  if (changes.length === 0) add(on, 'harmless', { at: 0, name })
}

type Change = [MigrationOperation['kind'], OperationFacts]

function changesOf({ keywords }: PyCall): Change[] {
  const [value, type] = [keywords.get('server_default'), keywords.get('type_')]
  const changes: Change[] = [...nullChange(keywords.get('nullable'))]
  // `server_default=False` is how Alembic says that it stays.
  if (value?.kind === 'none') changes.push(['drop_default', existing(keywords)])
  else if (value && !(value.kind === 'bool' && !value.value)) changes.push(['set_default', {}])
  if (type && type.kind !== 'none') {
    const old = columnTypeOf(keywords.get('existing_type'))
    // What `USING` makes of the old values is not read.
    const using = !isNone(keywords.get('postgresql_using'))
    const change = using ? { rewrites: true } : typeChange(old, columnTypeOf(type))
    changes.push(['alter_type', change])
  }
  if (!isNone(keywords.get('new_column_name'))) changes.push(['rename_column', {}])
  return changes
}

function nullChange(nullable: PyValue | undefined): Change[] {
  if (isNone(nullable)) return []
  if (nullable?.kind !== 'bool') {
    return [['unknown', { why: 'whether it accepts NULL is decided when it runs' }]]
  }
  return [[nullable.value ? 'drop_not_null' : 'set_not_null', {}]]
}

function existing(keywords: PyCall['keywords']): OperationFacts {
  const nullable = keywords.get('existing_nullable') ?? keywords.get('nullable')
  return nullable?.kind === 'bool' ? { nullable: nullable.value } : {}
}
