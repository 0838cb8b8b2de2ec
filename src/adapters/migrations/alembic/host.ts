import { lineOf, partsOf, shown } from '../python/node.ts'
import { isPure, pureResult } from '../python/pure.ts'
import { addOperation, addUnknown, type Report } from '../python/report.ts'
import type { Host } from '../python/run-state.ts'
import {
  calledName,
  callReaches,
  memberOf,
  none,
  opaque,
  reaches,
  resultOf,
  textOf,
  type PyCall,
  type PyHandle,
  type PyValue,
} from '../python/value.ts'
import { chainOf, change, execute, tableNameOf } from './execute.ts'
import { directive, handle } from './directives.ts'

/** What calls in a revision of Alembic mean. */
export const alembicHost: Host = {
  attribute(of, name) {
    if (of.what === 'dialect' || name === 'dialect') return handle('dialect')
    const leads = ['bind', 'connection', 'engine'].includes(name)
    if (leads && ['connection', 'context'].includes(of.what)) return handle('connection')
    return memberOf(of, name)
  },
  call(call, report) {
    const { callee } = call
    if (callee.kind === 'name') return named(callee.name, call, report)
    if (callee.kind === 'member') return method(callee.of, callee.name, call, report)
    if (callee.kind === 'class' && !hasMethods(callee)) return resultOf(call)
    // A session is made by what sessionmaker() made.
    if (callee.kind === 'call' && /\bsessionmaker$/.test(calledName(callee) ?? '')) {
      return handle('connection')
    }
    return foreign(call, report, `what ${shown(call.node)} calls is decided when it runs`)
  },
}

function foreign(call: PyCall, report: Report, why: string): PyValue {
  addUnknown(report, call.node, why)
  return opaque('it comes from code that is not in this file', true)
}

function named(name: string, call: PyCall, report: Report): PyValue {
  const last = name.split('.').at(-1) ?? name
  if (name.startsWith('alembic.op.')) {
    return directive(name.slice('alembic.op.'.length), { call, batch: null, report })
  }
  if (name.startsWith('alembic.context.')) {
    return last === 'get_context' ? handle('context') : opaque('it is read when it runs')
  }
  if (/^(?:sqlalchemy|sqlmodel)\./.test(name)) return sqlalchemy(last, call, report)
  if (isPure(name)) {
    const code = callReaches(call) && !/^builtins\.(?:print|isinstance|type|str|len)$/.test(name)
    return code
      ? foreign(call, report, `${name} is handed what leads to the database`)
      : pureResult(name, call)
  }
  // A type of a column, or a value of a new row: an object of a class, which changes nothing by itself.
  if (call.described && /^[A-Z]/.test(last) && !callReaches(call)) return resultOf(call)
  return foreign(
    call,
    report,
    `it calls ${name.replace(/^builtins\./, '')}, which is not in this file`,
  )
}

function sqlalchemy(name: string, call: PyCall, report: Report): PyValue {
  if (name === 'inspect' || name === 'from_engine') return opaque('it is read from the database')
  if (name === 'Session' || name === 'scoped_session') return handle('connection')
  if (name === 'quoted_name') return call.args[0] ?? none
  if (/^create_(?:async_)?engine$/.test(name)) {
    return foreign(call, report, 'it opens a connection of its own')
  }
  return resultOf(call)
}

function method(of: PyValue, name: string, call: PyCall, report: Report): PyValue {
  if (of.kind === 'handle') return onHandle(of, name, call, report)
  const handed = [...call.args, ...call.keywords.values()].some(reaches)
  if (of.kind === 'opaque') {
    const leads = of.reaches || handed
    return leads ? foreign(call, report, 'it may lead to the database') : opaque(of.why)
  }
  const whole: PyValue = resultOf(call)
  if (queried(whole, name, { call, report })) return whole
  if (name === 'create' || name === 'drop') return make(name, of, call, report)
  const why = throughWhat(of, name)
  if (why !== null) return foreign(call, report, why)
  if (name === 'reflect' || !handed) return whole
  return foreign(call, report, `${name}() is handed what leads to the database`)
}

/** Why a method that is handed nothing may still do something to the database; null: it cannot. */
function throughWhat(of: PyValue, name: string): string | null {
  if (of.kind === 'class') return `${name}() belongs to a class, which is not followed`
  if (name === 'drop_all' || name === 'create_all')
    return `what it does to which tables is not read`
  const { root, links } = chainOf(of)
  const isSetting = /^(?:opts|config|script)$/.test(links[0]?.name ?? '')
  return root?.kind === 'handle' && !isSetting ? `it leads to the database: ${name}()` : null
}

/** `session.query(Visit).filter(...).delete()`. */
function queried(whole: PyValue, name: string, at: { call: PyCall; report: Report }): boolean {
  const { root, links } = chainOf(whole)
  if (root?.kind !== 'handle' || links[0]?.name !== 'query') return false
  if (name === 'delete' || name === 'update') {
    change(name, links[0].call?.args[0] ?? null, links, at)
  }
  return true
}

/** `sa.Enum(...).create(bind)`, `table.drop(bind)`. */
function make(way: 'create' | 'drop', of: PyValue, call: PyCall, report: Report): PyValue {
  const place = { line: lineOf(call.node), statement: shown(call.node) }
  const kind = calledName(of)?.split('.').at(-1) ?? ''
  if (of.kind === 'call' && /^(?:Enum|ENUM|DOMAIN)$/.test(kind)) {
    const name = textOf(of.call.keywords.get('name'))
    const facts = { object: 'type' }
    addOperation(report, { ...place, kind: `${way}_type`, table: null, name, facts })
    return none
  }
  const table = tableNameOf(of)
  if (table === null) return foreign(call, report, `what it ${way}s is not in this file`)
  const mayExist = true
  addOperation(
    report,
    { ...place, kind: `${way}_table`, table, name: null, facts: {} },
    { mayExist },
  )
  return none
}

function onHandle(of: PyHandle, name: string, call: PyCall, report: Report): PyValue {
  if (of.what === 'batch') return directive(name, { call, batch: of, report })
  if (of.what === 'dialect') return of
  if (of.what === 'context') {
    if (/^(?:autocommit_block|begin_transaction)$/.test(name)) return none
    if (/^(?:is_|get_)/.test(name)) return opaque('it is read when it runs')
  }
  if (/^(?:execute|scalar|scalars|exec|exec_driver_sql|executemany)$/.test(name)) {
    const statement = call.args[0] ?? call.keywords.get('statement')
    const values = call.args.length > 1 || call.keywords.size > 0
    return execute(statement, values ? 'percent' : 'none', call, report)
  }
  if (/^(?:begin|begin_nested|connect|connection|execution_options|get_bind)$/.test(name)) return of
  if (
    /^(?:commit|rollback|close|flush|expire_all|expunge_all|in_transaction|has_table|get)$/.test(
      name,
    )
  ) {
    return opaque('it is read from the database')
  }
  if (name === 'query') return resultOf(call)
  return session(name, call, report)
}

/** What a session writes is told by its objects, which nobody looks at here. */
function session(name: string, call: PyCall, report: Report): PyValue {
  const place = { line: lineOf(call.node), statement: shown(call.node), table: null, name: null }
  if (/^(?:add|add_all|merge|bulk_save_objects|bulk_insert_mappings)$/.test(name)) {
    addOperation(report, { ...place, kind: 'insert_rows', facts: {} })
  } else if (name === 'bulk_update_mappings') {
    addOperation(report, { ...place, kind: 'update_rows', facts: { has_where: true } })
  } else if (name === 'delete') {
    addOperation(report, { ...place, kind: 'delete_rows', facts: { has_where: true } })
  } else return foreign(call, report, `gonogo does not know what ${name}() does to the database`)
  return none
}

function hasMethods({ node }: Extract<PyValue, { kind: 'class' }>): boolean {
  const body = node.field('body')
  return (body ? partsOf(body) : []).some((part) =>
    ['function_definition', 'decorated_definition'].includes(String(part.kind())),
  )
}
