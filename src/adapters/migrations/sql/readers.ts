import type { Node } from 'libpg-query'
import { alterTable } from './alter-table.ts'
import * as create from './create.ts'
import { change, draft, harmless, unknown, type Draft, type Reader } from './draft.ts'
import { drop, moveToSchema, rename } from './drops.ts'
import * as other from './other.ts'
import { copy, query, truncate } from './rows.ts'
import { nothingSeen, type Seen } from './seen.ts'
import { nameOfNode, partsOf, relationName, type Bodies } from './tree.ts'

/** What a parsed statement does. One that nobody taught gonogo is unknown, never harmless. */
export function operationsOf(statement: Node, seen: Seen): Draft[] {
  const name = nameOfNode(statement)
  if (queries.has(name)) return query(statement, seen)
  const read = readers[name] as Reader<unknown> | undefined
  if (read === undefined) return [unknown('gonogo does not know what this statement does')]
  return read((statement as Partial<Bodies>)[name], seen)
}

const queries: ReadonlySet<string> = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
])

/** A role, a database or the like: nothing of the schema, and yet others may depend on it. */
function around(object: string): Reader<unknown> {
  return () => [change(object, `the ${object} changes`)]
}

const newType: Reader<unknown> = () => [draft('create_type')]

const readers: { [Name in keyof Bodies]?: Reader<Bodies[Name]> } = {
  AlterTableStmt: alterTable,
  CreateStmt: create.createTable,
  CreateForeignTableStmt: ({ base }) => [
    { ...draft('create_table', relationName(base?.relation)), fresh: true },
  ],
  CreateTableAsStmt: create.createTableAs,
  IndexStmt: create.createIndex,
  ViewStmt: create.createView,
  CreateFunctionStmt: create.createFunction,
  CreateSchemaStmt: ({ schemaElts }, seen) => [
    draft('harmless'),
    ...(schemaElts ?? []).flatMap((element) => operationsOf(element, seen)),
  ],
  DropStmt: drop,
  RenameStmt: rename,
  AlterObjectSchemaStmt: moveToSchema,
  TruncateStmt: truncate,
  CopyStmt: copy,
  AlterEnumStmt: other.alterEnum,
  AlterTypeStmt: other.alterType,
  CreateTrigStmt: other.createTrigger,
  CreatePolicyStmt: other.policy,
  AlterPolicyStmt: other.policy,
  RuleStmt: other.rule,
  GrantStmt: other.grant,
  LockStmt: other.lockTable,
  VacuumStmt: other.vacuum,
  ClusterStmt: other.cluster,
  RefreshMatViewStmt: other.refreshView,
  ReindexStmt: other.reindex,
  ExplainStmt: other.explain,
  DoStmt: other.dynamic('it is a block of code, which is not read'),
  CallStmt: other.dynamic('it calls a procedure, and what that does is not read'),
  ExecuteStmt: other.dynamic('it carries out a prepared statement'),
  PrepareStmt: other.dynamic('it prepares a statement for later'),
  DropOwnedStmt: ({ behavior }) => [
    draft('drop_table', null, null, {
      object: 'everything a role owns',
      cascade: behavior === 'DROP_CASCADE',
    }),
  ],
  DropdbStmt: ({ dbname }) => [draft('drop_table', null, dbname, { object: 'database' })],
  DropTableSpaceStmt: around('tablespace'),
  ReassignOwnedStmt: around('owner'),
  AlterOwnerStmt: around('owner'),
  GrantRoleStmt: ({ is_grant }) =>
    is_grant === true ? harmless() : around('role')(undefined, emptySeen),
  DropRoleStmt: around('role'),
  AlterRoleStmt: around('role'),
  AlterRoleSetStmt: around('role'),
  AlterDatabaseStmt: around('database'),
  AlterDatabaseSetStmt: around('database'),
  AlterSystemStmt: around('server'),
  AlterSeqStmt: ({ sequence }) => [
    change('sequence', 'which numbers come next changes', { name: relationName(sequence) }),
  ],
  AlterDomainStmt: ({ typeName }) => [
    change('domain', 'which values the domain takes changes', {
      name: partsOf(typeName).join('.'),
    }),
  ],
  AlterFunctionStmt: around('function'),
  AlterExtensionStmt: around('extension'),
  AlterExtensionContentsStmt: around('extension'),
  CreateEventTrigStmt: around('event trigger'),
  AlterEventTrigStmt: around('event trigger'),
  AlterPublicationStmt: around('publication'),
  AlterSubscriptionStmt: around('subscription'),
  DropSubscriptionStmt: around('subscription'),
  CreateSubscriptionStmt: around('subscription'),
  CreateEnumStmt: newType,
  CompositeTypeStmt: newType,
  CreateDomainStmt: newType,
  CreateRangeStmt: newType,
  DefineStmt: newType,
  CreateExtensionStmt: harmless,
  CreateSeqStmt: harmless,
  CreateStatsStmt: harmless,
  CreateRoleStmt: harmless,
  CreatePublicationStmt: harmless,
  CreateCastStmt: around('cast'),
  CommentStmt: harmless,
  SecLabelStmt: harmless,
  AlterDefaultPrivilegesStmt: harmless,
  AlterStatsStmt: harmless,
  VariableSetStmt: other.setVariable,
  VariableShowStmt: harmless,
  TransactionStmt: other.transaction,
  ConstraintsSetStmt: harmless,
  CheckPointStmt: harmless,
  DiscardStmt: harmless,
  NotifyStmt: harmless,
  ListenStmt: harmless,
  UnlistenStmt: harmless,
  DeallocateStmt: harmless,
  CreatedbStmt: harmless,
}

const emptySeen: Seen = nothingSeen(false)
