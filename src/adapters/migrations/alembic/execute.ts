import type { MigrationOperation, OperationFacts } from '../../../core/migration.ts'
import { lineOf, partsOf, shown } from '../python/node.ts'
import {
  addOperation,
  addSql,
  addUnknown,
  type Placeholders,
  type Report,
} from '../python/report.ts'
import { knownFunctions } from '../sql/known-functions.ts'
import { calledName, opaque, textOf, type PyCall, type PyValue } from '../python/value.ts'

/** What a statement that is handed to the database does: text, or one built with SQLAlchemy. */
export function execute(
  statement: PyValue | undefined,
  placeholders: Placeholders,
  call: PyCall,
  report: Report,
): PyValue {
  const rows = opaque('it is read from the database')
  if (statement?.kind === 'text') {
    addSql(report, { sql: statement, placeholders, node: call.node })
    return rows
  }
  if (!executeBuilt(statement, { call, report })) addUnknown(report, call.node, whyNot(statement))
  return rows
}

/** One that is built: `sa.text(...)`, `sa.update(table)`, `table.delete()`. False: it is none of them. */
function executeBuilt(
  statement: PyValue | undefined,
  at: { call: PyCall; report: Report },
): boolean {
  const { root, links } = chainOf(statement)
  if (root === undefined) return false
  const name = calledName(root) ?? ''
  const first = root.kind === 'call' ? root.call.args[0] : undefined
  const method = links[0]?.name ?? ''
  const hidden = hiddenIn(statement)
  if (hidden !== null) addUnknown(at.report, at.call.node, hidden)
  if (isOf(name, 'select|exists|values') || method === 'select') return true
  if (changes.has(method)) {
    change(method, root, links, at)
    return true
  }
  if (first === undefined) return false
  if (isOf(name, 'text|DDL')) {
    execute(asText(first), isOf(name, 'text') ? 'colon' : 'none', at.call, at.report)
    return true
  }
  if (!isOf(name, 'insert|update|delete')) return false
  change(name.split('.').at(-1) ?? '', first, links, at)
  return true
}

const mostLookedAt = 5000

/** Why a statement that is built may do more than it says first: a function, or rows changed within it. */
function hiddenIn(statement: PyValue | undefined): string | null {
  const open = statement ? [statement] : []
  for (let looked = 0; open.length > 0; looked++) {
    if (looked > mostLookedAt) return 'it is too long to be followed'
    const value = open.pop()!
    if (value.kind === 'list') open.push(...value.items)
    else if (value.kind === 'member') open.push(value.of)
    else if (value.kind === 'call') {
      const { callee, args, keywords } = value.call
      open.push(callee, ...args, ...keywords.values())
      const why = unknownCall(value) ?? changedWithin(callee)
      if (why !== null) return why
    }
  }
  return null
}

function unknownCall(value: PyValue): string | null {
  const called = /\.func\.([\w.]+)$/.exec(calledName(value) ?? '')?.[1]
  if (called === undefined || knownFunctions.has(called.toLowerCase())) return null
  return `it calls ${called}(), and what that does is not read`
}

/** `table.delete().returning(...).cte()` is carried out wherever it is selected from. */
function changedWithin(callee: PyValue): string | null {
  if (callee.kind !== 'member' || callee.name !== 'cte') return null
  const { root, links } = chainOf(callee.of)
  const name = root ? (calledName(root) ?? '') : ''
  const changing =
    links.some((link) => changes.has(link.name)) || isOf(name, 'insert|update|delete')
  return changing ? 'it changes rows on the way' : null
}

/** Text that is not text cannot be told; saying why twice would help nobody. */
function asText(value: PyValue): PyValue {
  return value.kind === 'text' || value.kind === 'opaque' ? value : opaque('its text is computed')
}

function isOf(name: string, functions: string): boolean {
  return new RegExp(String.raw`^(?:sqlalchemy|sqlmodel)\.(?:\w+\.)*(?:${functions})$`).test(name)
}

function whyNot(statement: PyValue | undefined): string {
  if (statement?.kind === 'opaque') return statement.why
  if (statement?.kind === 'name') return `${statement.name} is not in this file`
  return 'what it executes is not written down as SQL'
}

interface Link {
  name: string
  call: PyCall | null
}

/** What a chain such as `table.update().where(...)` begins with, and the methods behind it. */
export function chainOf(value: PyValue | undefined): { root: PyValue | undefined; links: Link[] } {
  const links: Link[] = []
  let root = value
  for (let length = 0; length < longestChain; length++) {
    if (root?.kind === 'member') {
      links.unshift({ name: root.name, call: null })
      root = root.of
    } else if (root?.kind === 'call' && root.call.callee.kind === 'member') {
      const { name, of } = root.call.callee
      links.unshift({ name, call: root.call })
      root = of
    } else return { root, links }
  }
  return { root: undefined, links: [] }
}

const longestChain = 50

const changes = new Map<string, MigrationOperation['kind']>([
  ['insert', 'insert_rows'],
  ['update', 'update_rows'],
  ['delete', 'delete_rows'],
])

/** Rows that are written with SQLAlchemy, or through a session. */
export function change(
  method: string,
  table: PyValue | null,
  links: readonly Link[],
  { call, report }: { call: PyCall; report: Report },
): void {
  const kind = changes.get(method) ?? 'unknown'
  const some = links.some(({ name }) => /^(?:where|filter|filter_by)$/.test(name))
  const facts: OperationFacts = kind === 'insert_rows' ? {} : { has_where: some }
  const place = { line: lineOf(call.node), statement: shown(call.node) }
  const about = { ...place, table: table && tableNameOf(table), name: null }
  const written = links.find(({ name }) => name === 'values')?.call
  const plain = written && written.args.length === 0 && !written.more
  const writes = kind === 'update_rows' && plain ? [...written.keywords.keys()] : []
  addOperation(report, { ...about, kind, facts }, { writes })
}

/** The name in `sa.table('name')`, `sa.Table('name', ...)` or a model of this file. */
export function tableNameOf(value: PyValue): string | null {
  if (value.kind === 'member' && value.of.kind !== 'member') return tableNameOf(value.of)
  if (value.kind === 'class') return tableOfModel(value)
  if (value.kind !== 'call' || !isOf(calledName(value) ?? '', '[tT]able')) return null
  const [table, schema] = [textOf(value.call.args[0]), value.call.keywords.get('schema')]
  const inside = textOf(schema)
  return table !== null && inside !== null ? `${inside}.${table}` : table
}

function tableOfModel({ node }: Extract<PyValue, { kind: 'class' }>): string | null {
  const body = node.field('body')
  for (const statement of body ? partsOf(body) : []) {
    const [inner] = partsOf(statement)
    if (inner?.field('left')?.text() !== '__tablename__') continue
    return /^(['"])(\w+)\1$/.exec(inner.field('right')?.text() ?? '')?.[2] ?? null
  }
  return null
}
