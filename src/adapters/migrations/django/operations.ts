import type { OperationFacts } from '../../../core/migration.ts'
import { addSql, addUnknown, createReport } from '../python/report.ts'
import { calledName, isNone, textOf, type PyValue } from '../python/value.ts'
import { columnActs } from './columns.ts'
import { modelActs } from './models.ts'
import { add, harmless, text, value, type Act, type Entry } from './operation.ts'
import { copyOf } from './state.ts'

/** What the entries of a migration do, in order; what is not known by its name is unknown. */
export function applyAll(
  list: PyValue | undefined,
  at: Omit<Entry, 'call'>,
  node: Entry['call']['node'],
): void {
  if (list === undefined || list.kind === 'none') return
  if (list.kind !== 'list') {
    const why = list.kind === 'opaque' ? list.why : 'its operations are not written as a list'
    addUnknown(at.report, node, why)
    return
  }
  for (const item of list.items) {
    if (at.budget.left <= 0) return
    at.budget.left--
    apply(item, at, node)
    if (at.budget.left === 0)
      addUnknown(at.report, node, 'it has too many operations to be followed')
  }
}

function apply(item: PyValue, at: Omit<Entry, 'call'>, node: Entry['call']['node']): void {
  if (item.kind !== 'call') {
    addUnknown(at.report, node, 'one of its operations is put together when it runs')
    return
  }
  const name = calledName(item) ?? ''
  const { call } = item
  const act = name.startsWith('django.') ? acts.get(name.split('.').at(-1) ?? '') : undefined
  if (call.more || !act) {
    const why = act
      ? 'its arguments are put together when it runs'
      : `gonogo does not know what ${name || 'it'} does`
    addUnknown(at.report, call.node, why)
    return
  }
  act({ ...at, call })
}

const acts = new Map<string, Act>([
  ...modelActs,
  ...columnActs,
  ['AddIndex', (entry) => addIndex(entry, false)],
  ['AddIndexConcurrently', (entry) => addIndex(entry, true)],
  ['RemoveIndex', (entry) => dropIndex(entry, false)],
  ['RemoveIndexConcurrently', (entry) => dropIndex(entry, true)],
  [
    'RenameIndex',
    (entry) =>
      add(entry, text(entry, 0, 'model_name'), 'rename_other', {
        name: text(entry, 2, 'old_name'),
        facts: { object: 'index' },
      }),
  ],
  ['AddConstraint', (entry) => addConstraint(entry, false)],
  ['AddConstraintNotValid', (entry) => addConstraint(entry, true)],
  [
    'ValidateConstraint',
    (entry) =>
      add(entry, text(entry, 0, 'model_name'), 'validate_constraint', {
        name: text(entry, 1, 'name'),
      }),
  ],
  [
    'RemoveConstraint',
    (entry) =>
      add(entry, text(entry, 0, 'model_name'), 'drop_constraint', { name: text(entry, 1, 'name') }),
  ],
  ['AlterConstraint', harmless],
  ['RunSQL', runSql],
  ['RunPython', runPython],
  ['SeparateDatabaseAndState', separate],
  // Django makes them IF NOT EXISTS, and they touch nothing that is there.
  ...[
    'CreateExtension',
    'BloomExtension',
    'BtreeGinExtension',
    'BtreeGistExtension',
    'CITextExtension',
    'CryptoExtension',
    'HStoreExtension',
    'TrigramExtension',
    'UnaccentExtension',
    'CreateCollation',
  ].map((name): [string, Act] => [name, harmless]),
])

function nameOfCall(described: PyValue | undefined): string | null {
  return described?.kind === 'call' ? textOf(described.call.keywords.get('name')) : null
}

function addIndex(entry: Entry, concurrently: boolean): void {
  const name = nameOfCall(value(entry, 1, 'index'))
  add(entry, text(entry, 0, 'model_name'), 'create_index', { name, facts: { concurrently } })
}

function dropIndex(entry: Entry, concurrently: boolean): void {
  const name = text(entry, 1, 'name')
  add(entry, text(entry, 0, 'model_name'), 'drop_index', { name, facts: { concurrently } })
}

const constraints: Record<string, OperationFacts> = {
  CheckConstraint: { constraint: 'check' },
  UniqueConstraint: { constraint: 'unique', concurrently: false },
  ExclusionConstraint: { constraint: 'exclude' },
}

function addConstraint(entry: Entry, notValid: boolean): void {
  const described = value(entry, 1, 'constraint')
  const model = text(entry, 0, 'model_name')
  const name = nameOfCall(described)
  const kind = (described && calledName(described)?.split('.').at(-1)) ?? ''
  // What is no plain list of columns is made as an index.
  const call = described?.kind === 'call' ? described.call : null
  const asIndex = ['condition', 'include', 'opclasses'].some((key) => call?.keywords.has(key))
  if (kind === 'UniqueConstraint' && (asIndex || (call?.args.length ?? 0) > 0)) {
    add(entry, model, 'create_index', {
      name,
      facts: { constraint: 'unique', concurrently: false },
    })
    return
  }
  const facts = {
    ...constraints[kind],
    ...(kind !== 'UniqueConstraint' && { not_valid: notValid }),
  }
  add(entry, model, 'add_constraint', { name, facts })
}

function isNoop(code: PyValue | undefined): boolean {
  return code?.kind === 'name' && /^django\..*\.noop$/.test(code.name)
}

/** One text, or a list of texts and of pairs of a text and its values. */
function runSql(entry: Entry): void {
  const sql = value(entry, 0, 'sql')
  if (isNoop(sql) || textOf(sql) === '') harmless(entry)
  else for (const item of sql?.kind === 'list' ? sql.items : [sql]) sqlItem(entry, item)
}

function sqlItem({ call, report }: Entry, item: PyValue | undefined): void {
  const [sql, values] = item?.kind === 'list' ? item.items : [item]
  if (sql?.kind === 'text') {
    addSql(report, { sql, placeholders: isNone(values) ? 'none' : 'percent', node: call.node })
    return
  }
  const why = sql?.kind === 'opaque' ? sql.why : 'its SQL is not written down as text'
  addUnknown(report, call.node, why)
}

function runPython(entry: Entry): void {
  const code = value(entry, 0, 'code')
  if (isNoop(code)) harmless(entry)
  else addUnknown(entry.report, entry.call.node, 'it runs Python code, which is not followed')
}

/** The database sees one list, what Django believes of the models the other. */
function separate(entry: Entry): void {
  const { state, report, call, budget } = entry
  applyAll(
    value(entry, 0, 'database_operations'),
    { state: copyOf(state), report, budget },
    call.node,
  )
  const beliefs = value(entry, 1, 'state_operations')
  applyAll(beliefs, { state, report: createReport(), budget }, call.node)
}
