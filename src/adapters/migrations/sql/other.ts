import type {
  AlterEnumStmt,
  AlterTypeStmt,
  ClusterStmt,
  CreatePolicyStmt,
  CreateTrigStmt,
  DefElem,
  ExplainStmt,
  GrantStmt,
  LockStmt,
  Node,
  RefreshMatViewStmt,
  ReindexStmt,
  RuleStmt,
  TransactionStmt,
  VacuumStmt,
  VariableSetStmt,
} from 'libpg-query'
import { change, draft, harmless, unknown, type Draft } from './draft.ts'
import { query } from './rows.ts'
import type { Seen } from './seen.ts'
import { bodiesOf, bodyOf, partsOf, relationName } from './tree.ts'

export function alterEnum({ typeName, oldVal, newVal }: AlterEnumStmt): Draft[] {
  const type = partsOf(typeName).join('.')
  if (oldVal !== undefined)
    return [draft('rename_other', null, oldVal, { object: `value of ${type}:` })]
  return [draft('add_enum_value', null, newVal, { object: type })]
}

export function alterType({ typeName }: AlterTypeStmt): Draft[] {
  return [change('type', 'how the type behaves changes', { name: partsOf(typeName).join('.') })]
}

/** PostgreSQL, "Explicit Locking": CREATE TRIGGER takes SHARE ROW EXCLUSIVE. */
export function createTrigger({ relation, trigname }: CreateTrigStmt): Draft[] {
  const why = 'from now on code runs with every write that the trigger is for, and it is not read'
  const told = { table: relationName(relation), name: trigname }
  return [change('trigger', why, { ...told, lock: 'SHARE ROW EXCLUSIVE' })]
}

export function policy({ table, policy_name }: CreatePolicyStmt): Draft[] {
  const told = { table: relationName(table), name: policy_name, lock: 'ACCESS EXCLUSIVE' }
  return [change('policy', 'which rows a role sees or writes changes', told)]
}

export function rule({ relation, rulename }: RuleStmt): Draft[] {
  const told = { table: relationName(relation), name: rulename, lock: 'ACCESS EXCLUSIVE' }
  return [change('rule', 'statements on the table do something else from now on', told)]
}

export function grant({ is_grant }: GrantStmt): Draft[] {
  return is_grant === true
    ? harmless()
    : [change('privilege', 'somebody loses a right that the release that runs now may need')]
}

// As `LOCK TABLE` numbers them.
const locks = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
]

export function lockTable({ relations, mode = 8 }: LockStmt): Draft[] {
  const lock = locks[mode - 1] ?? 'ACCESS EXCLUSIVE'
  const tables = bodiesOf(relations, 'RangeVar')
  return tables.map((relation) => draft('lock_table', relationName(relation), null, { lock }))
}

/** VACUUM FULL writes the table anew; the others let everybody go on. */
export function vacuum({ options, rels }: VacuumStmt): Draft[] {
  if (!isOn(options, 'full')) return harmless()
  const tables = bodiesOf(rels, 'VacuumRelation').map(({ relation }) => relationName(relation))
  return (tables.length === 0 ? [null] : tables).map((table) => draft('rewrite_table', table))
}

export function cluster({ relation }: ClusterStmt): Draft[] {
  return [draft('rewrite_table', relationName(relation))]
}

export function refreshView({ relation, concurrent }: RefreshMatViewStmt): Draft[] {
  const lock = concurrent === true ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE'
  const table = relationName(relation)
  return [change('materialized view', 'the view is filled anew', { table, lock })]
}

/** PostgreSQL, "REINDEX": writes wait, and so do reads that use the index. */
export function reindex({ relation, name, params }: ReindexStmt): Draft[] {
  if (isOn(params, 'concurrently')) return harmless()
  const table = relationName(relation)
  return [change('index', 'the index is built anew', { table, name, lock: 'SHARE' })]
}

/** Only with ANALYZE is the statement carried out. */
export function explain({ query: asked, options }: ExplainStmt, seen: Seen): Draft[] {
  if (!isOn(options, 'analyze')) return harmless()
  return asked === undefined ? harmless() : query(asked, seen)
}

/** After `SET search_path` a name without a schema may be another table. */
export function setVariable(statement: VariableSetStmt): Draft[] {
  const { kind, name, args } = statement
  if (name !== 'search_path' && kind !== 'VAR_RESET_ALL') return harmless()
  const path = bodiesOf(args, 'A_Const').map(({ sval }) => sval?.sval ?? '')
  return [{ ...draft('harmless'), searches: `to ${path.join()}` }]
}

export function transaction({ kind }: TransactionStmt): Draft[] {
  const takesBack = kind === 'TRANS_STMT_ROLLBACK' || kind === 'TRANS_STMT_ROLLBACK_TO'
  return takesBack ? [unknown('it takes back what was done before it')] : harmless()
}

function isOn(options: readonly Node[] | undefined, wanted: string): boolean {
  const option: DefElem | undefined = bodiesOf(options, 'DefElem').find(
    ({ defname }) => defname === wanted,
  )
  if (option === undefined) return false
  const value = bodyOf(option.arg, 'String')?.sval ?? 'on'
  const number = bodyOf(option.arg, 'Integer')
  return number ? (number.ival ?? 0) !== 0 : !['false', 'off', '0'].includes(value)
}

export const dynamic = (why: string) => (): Draft[] => [unknown(why)]
