import type { AlterTableCmd, AlterTableStmt, AlterTableType, Node } from 'libpg-query'
import { columnTypeOf, defaultOf, typeChange, type Column, type ColumnType } from './column-type.ts'
import { addedColumn } from './columns.ts'
import { addedConstraint } from './constraints.ts'
import { change, draft, harmless, unknown, type Draft } from './draft.ts'
import { columnSeen, type Seen } from './seen.ts'
import { bodiesOf, bodyOf, relationName } from './tree.ts'

type Command = (table: string, command: AlterTableCmd, seen: Seen) => Draft[]

/** The parts of ALTER TABLE, and of ALTER VIEW, ALTER INDEX and the like, which the parser takes for it. */
export function alterTable(statement: AlterTableStmt, seen: Seen): Draft[] {
  const { relation, cmds, objtype } = statement
  const table = relationName(relation)
  if (table === null) return [unknown('it names no table')]
  const isTable = objtype === 'OBJECT_TABLE' || objtype === 'OBJECT_FOREIGN_TABLE'
  return bodiesOf(cmds, 'AlterTableCmd').flatMap((command) => {
    const read = command.subtype && commands[command.subtype]
    if (isTable && read) return read(table, command, seen)
    if (isTable) return [unknown('gonogo does not know this form of ALTER TABLE', table)]
    return ofAnother(objtype, table, command)
  })
}

function ofAnother(
  objtype: AlterTableStmt['objtype'],
  name: string,
  { subtype }: AlterTableCmd,
): Draft[] {
  if (subtype === 'AT_SetRelOptions' || subtype === 'AT_ResetRelOptions') return harmless()
  const object = objtype?.replace('OBJECT_', '').toLowerCase().replaceAll('_', ' ') ?? 'object'
  return [change(object, `the ${object} changes`, { name })]
}

/** Known attributes of one column. */
function told(name: string | undefined, rest: Partial<Column>): Pick<Draft, 'columns'> {
  return { columns: [{ name: name ?? '', type: undefined, nullable: undefined, ...rest }] }
}

function column(make: (table: string, command: AlterTableCmd, seen: Seen) => Draft): Command {
  return (table, command, seen) => [make(table, command, seen)]
}

const rewrite: Command = (table) => [draft('rewrite_table', table)]
const minor: Command = (table) => [draft('harmless', table)]

/** Locks as "ALTER TABLE" of PostgreSQL's manual names them; ACCESS EXCLUSIVE where it names none. */
function other(object: string, why: string, lock = 'ACCESS EXCLUSIVE'): Command {
  return (table, { name }) => [change(object, why, { table, name, lock })]
}

const trigger = other('trigger', 'a trigger is switched on or off', 'SHARE ROW EXCLUSIVE')
const rule = other('rule', 'a rule is switched on or off')
const security = other('row security', 'which rows a role sees changes')
const inheritance = other('table', 'which rows belong to the table changes')

const commands: Partial<Record<AlterTableType, Command>> = {
  AT_AddColumn: (table, { def, missing_ok }) =>
    addedColumn(table, bodyOf(def, 'ColumnDef'), missing_ok === true),
  AT_DropColumn: column((table, { name, behavior }) =>
    draft('drop_column', table, name, { cascade: behavior === 'DROP_CASCADE' }),
  ),
  AT_AlterColumnType: column(changedType),
  AT_SetNotNull: column((table, { name }) => ({
    ...draft('set_not_null', table, name),
    ...told(name, { nullable: false }),
  })),
  AT_DropNotNull: column((table, { name }) => ({
    ...draft('drop_not_null', table, name),
    ...told(name, { nullable: true }),
  })),
  AT_ColumnDefault: column(changedDefault),
  AT_AddConstraint: (table, { def }) => addedConstraint(table, bodyOf(def, 'Constraint')),
  AT_DropConstraint: column((table, { name, behavior }) =>
    draft('drop_constraint', table, name, { cascade: behavior === 'DROP_CASCADE' }),
  ),
  AT_ValidateConstraint: column((table, { name }) => draft('validate_constraint', table, name)),
  AT_AlterConstraint: other('constraint', 'when the constraint is checked changes'),
  AT_SetExpression: other('column', 'every value of the column is worked out anew, in another way'),
  AT_DropExpression: other('column', 'the column is no longer worked out'),
  AT_AddIdentity: other('column', 'the column gets its values from a sequence'),
  AT_SetIdentity: other('column', 'where the column gets its values from changes'),
  AT_DropIdentity: column((table, { name }) =>
    draft('drop_default', table, name, { nullable: false }),
  ),
  AT_SetLogged: rewrite,
  AT_SetUnLogged: rewrite,
  AT_SetTableSpace: rewrite,
  AT_SetAccessMethod: rewrite,
  AT_SetStatistics: minor,
  AT_SetOptions: minor,
  AT_ResetOptions: minor,
  AT_SetStorage: minor,
  AT_SetCompression: minor,
  AT_SetRelOptions: minor,
  AT_ResetRelOptions: minor,
  AT_ClusterOn: minor,
  AT_DropCluster: minor,
  AT_ReplicaIdentity: minor,
  AT_AddOf: minor,
  AT_DropOf: minor,
  AT_ChangeOwner: other('owner', 'who may use the table changes'),
  AT_EnableTrig: trigger,
  AT_EnableAlwaysTrig: trigger,
  AT_EnableReplicaTrig: trigger,
  AT_DisableTrig: trigger,
  AT_EnableTrigAll: trigger,
  AT_DisableTrigAll: trigger,
  AT_EnableTrigUser: trigger,
  AT_DisableTrigUser: trigger,
  AT_EnableRule: rule,
  AT_EnableAlwaysRule: rule,
  AT_EnableReplicaRule: rule,
  AT_DisableRule: rule,
  AT_EnableRowSecurity: security,
  AT_DisableRowSecurity: security,
  AT_ForceRowSecurity: security,
  AT_NoForceRowSecurity: security,
  AT_AddInherit: inheritance,
  AT_DropInherit: inheritance,
  // The partition itself is locked entirely, and read unless a CHECK says what is in it.
  AT_AttachPartition: other('partition', 'a partition is attached', 'SHARE UPDATE EXCLUSIVE'),
  AT_DetachPartition: (table, { def }) => {
    const isConcurrent = bodyOf(def, 'PartitionCmd')?.concurrent === true
    const lock = isConcurrent ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE'
    return [change('partition', 'the rows of a partition are no longer there', { table, lock })]
  },
  AT_DetachPartitionFinalize: minor,
}

function changedType(table: string, { name, def }: AlterTableCmd, seen: Seen): Draft {
  const definition = bodyOf(def, 'ColumnDef')
  const type = columnTypeOf(definition?.typeName)
  const isPlain = isOwnCast(definition?.raw_default, name, type)
  const old = columnSeen(seen, table, name)?.type
  const facts = isPlain ? typeChange(old, type) : {}
  // Indexes on it are made anew when it sorts otherwise.
  if (!isPlain || definition?.collClause) facts.rewrites = true
  return { ...draft('alter_type', table, name, facts), ...told(name, { type }) }
}

/** `USING c` and `USING c::type` are what happens without USING too. */
function isOwnCast(
  using: Node | undefined,
  name: string | undefined,
  type: ColumnType | undefined,
): boolean {
  if (using === undefined) return true
  const cast = bodyOf(using, 'TypeCast')
  const isSame = !cast || JSON.stringify(columnTypeOf(cast.typeName)) === JSON.stringify(type)
  if (!isSame) return false
  const inner = cast?.arg ?? using
  const fields = bodyOf(inner, 'ColumnRef')?.fields
  return bodiesOf(fields, 'String').at(-1)?.sval === name
}

function changedDefault(table: string, { name, def }: AlterTableCmd, seen: Seen): Draft {
  if (defaultOf(def) !== 'none') return draft('set_default', table, name)
  const { nullable, isNew } = columnSeen(seen, table, name) ?? {}
  const facts = nullable === undefined ? {} : { nullable }
  return draft('drop_default', table, name, { ...facts, ...(isNew && { new_column: true }) })
}
