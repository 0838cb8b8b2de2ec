import type { MigrationOperation, OperationFacts } from '../../../core/migration.ts'
import { addOperation, type Report } from '../python/report.ts'
import { calledName, isNone, textOf, type PyCall, type PyValue } from '../python/value.ts'

/** Where an operation stands, and what it is about. */
export type About = Pick<MigrationOperation, 'line' | 'statement' | 'table'>

/** A new column and what comes with it: its constraints and its index. */
export function addColumn(about: About, column: PyValue | undefined, report: Report): void {
  const call = column?.kind === 'call' && isCalled(column, 'Column') ? column.call : null
  if (!call || call.more) {
    addOperation(report, { ...about, kind: 'add_column', name: null, facts: {} })
    return
  }
  const name = textOf(call.keywords.get('name') ?? call.args[0])
  const value = defaultOf(call)
  const facts: OperationFacts = { ...nullability(call), ...value.facts }
  addOperation(
    report,
    { ...about, kind: 'add_column', name, facts },
    value.sql === undefined ? {} : { defaultSql: value.sql },
  )
  for (const [kind, beside] of besides(call, facts)) {
    addOperation(report, { ...about, kind, name: null, facts: beside })
  }
}

function isCalled(value: PyValue, name: string): boolean {
  return calledName(value)?.split('.').at(-1) === name
}

function nullability({ keywords }: PyCall): OperationFacts {
  const [nullable, primary] = [keywords.get('nullable'), keywords.get('primary_key')]
  if (nullable?.kind === 'bool') return { nullable: nullable.value }
  if (nullable !== undefined) return {}
  if (primary === undefined) return { nullable: true }
  return primary.kind === 'bool' ? { nullable: !primary.value } : {}
}

interface Default {
  facts: OperationFacts
  /** An expression, still to be read. */
  sql?: string
}

/** What old rows get. Only what the database does counts: `default=` is Python's. */
function defaultOf({ args, keywords }: PyCall): Default {
  const generated = args.some((arg) =>
    ['Identity', 'Computed', 'Sequence'].some((name) => isCalled(arg, name)),
  )
  const value = keywords.get('server_default')
  if (generated || keywords.get('primary_key')?.kind === 'bool') {
    return { facts: { default: 'computed' } }
  }
  return isNone(value) || !value ? { facts: { default: 'none' } } : expressionOf(value)
}

function expressionOf(value: PyValue): Default {
  if (value.kind === 'text' || value.kind === 'number' || value.kind === 'bool') {
    return { facts: { default: 'constant' } }
  }
  if (value.kind !== 'call') return { facts: {} }
  const [first] = value.call.args
  const name = calledName(value) ?? ''
  if (/^sqlalchemy\.(?:.*\.)?(?:text|literal_column)$/.test(name)) {
    const sql = textOf(first)
    return sql === null ? { facts: {} } : { facts: {}, sql }
  }
  if (/^sqlalchemy\.(?:.*\.)?(?:true|false|literal)$/.test(name)) {
    return { facts: { default: 'constant' } }
  }
  if (/^sqlalchemy\.(?:.*\.)?null$/.test(name)) return { facts: { default: 'none' } }
  const called = /^sqlalchemy\.(?:.*\.)?func\.(\w+)$/.exec(name)?.[1]
  if (called !== undefined && value.call.args.length === 0) return { facts: {}, sql: `${called}()` }
  return { facts: { default: 'computed' } }
}

type Beside = [MigrationOperation['kind'], OperationFacts]

/** Alembic makes these of a new column, each in a statement of its own. */
function besides({ args, keywords }: PyCall, facts: OperationFacts): Beside[] {
  const [unique, index] = [isTrue(keywords.get('unique')), isTrue(keywords.get('index'))]
  const found: Beside[] = []
  if (args.some((arg) => isCalled(arg, 'ForeignKey'))) {
    // Nothing has to be looked up for a column of NULLs.
    const isFree = facts.default === 'none'
    found.push(['add_constraint', { constraint: 'foreign_key', not_valid: isFree }])
  }
  if (args.some((arg) => isCalled(arg, 'CheckConstraint'))) {
    found.push(['add_constraint', { constraint: 'check', not_valid: false }])
  }
  if (index) found.push(['create_index', { concurrently: false, ...(unique && uniqueness) }])
  else if (unique) found.push(['add_constraint', { ...uniqueness, concurrently: false }])
  return found
}

const uniqueness = { constraint: 'unique' } as const

export function isTrue(value: PyValue | undefined): boolean {
  return value !== undefined && value.kind !== 'none' && !(value.kind === 'bool' && !value.value)
}
