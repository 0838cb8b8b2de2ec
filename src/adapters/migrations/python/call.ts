import { partsOf, type PyNode } from './node.ts'
import { addUnknown } from './report.ts'
import type { Run } from './run-state.ts'
import { listMethod, textMethod } from './methods.ts'
import {
  calledName,
  none,
  opaque,
  reaches,
  type PyCall,
  type PyFunction,
  type PyValue,
  type Scope,
} from './value.ts'

type Evaluate = (node: PyNode, scope: Scope, run: Run) => PyValue

/** Follows a function of the same file; everything else is the host's to know. */
export function evaluateCall(node: PyNode, scope: Scope, run: Run, evaluate: Evaluate): PyValue {
  const called = node.field('function')
  const callee = called ? evaluate(called, scope, run) : none
  const described = run.describing > 0
  if (describes(callee)) run.describing++
  const call: PyCall = { ...argumentsOf(node, scope, run, evaluate), callee, node, described }
  if (describes(callee)) run.describing--
  if (callee.kind === 'function') return follow(callee, call, run, evaluate)
  if (callee.kind === 'member') {
    if (callee.of.kind === 'text') return textMethod(callee.of, callee.name, call)
    if (callee.of.kind === 'list' || callee.of.kind === 'dict') {
      return listMethod(callee.of, callee.name, call, run)
    }
  }
  return run.host.call(call, run.report)
}

/** In its arguments, objects of classes from elsewhere are types and values, which change nothing. */
function describes(callee: PyValue): boolean {
  return /^(?:sqlalchemy|sqlmodel|alembic\.op|django)\./.test(calledName(callee) ?? '')
}

function argumentsOf(
  node: PyNode,
  scope: Scope,
  run: Run,
  evaluate: Evaluate,
): Pick<PyCall, 'args' | 'keywords' | 'more'> {
  const given = node.field('arguments')
  if (!given) return { args: [], keywords: new Map(), more: false }
  // `f(x for x in y)` has no list of arguments.
  if (given.kind() !== 'argument_list') {
    return { args: [evaluate(given, scope, run)], keywords: new Map(), more: false }
  }
  const taken: Pick<PyCall, 'args' | 'keywords' | 'more'> = {
    args: [],
    keywords: new Map(),
    more: false,
  }
  for (const part of partsOf(given)) takeArgument(part, taken, (one) => evaluate(one, scope, run))
  return taken
}

function takeArgument(
  part: PyNode,
  taken: Pick<PyCall, 'args' | 'keywords' | 'more'>,
  evaluate: (node: PyNode) => PyValue,
): void {
  const { args, keywords } = taken
  const kind = part.kind()
  if (kind === 'keyword_argument') {
    const value = part.field('value')
    if (value) keywords.set(part.field('name')?.text() ?? '', evaluate(value))
    return
  }
  if (kind !== 'list_splat' && kind !== 'dictionary_splat') {
    args.push(evaluate(part))
    return
  }
  const [inner] = partsOf(part)
  const value = inner ? evaluate(inner) : none
  if (kind === 'list_splat' && value.kind === 'list') {
    args.push(...value.items)
  } else if (value.kind === 'dict' && value.entries.every(([key]) => key.kind === 'text')) {
    for (const [key, one] of value.entries) if (key.kind === 'text') keywords.set(key.text, one)
  } else {
    taken.more = true
    // So that what leads to the database is still seen to be handed on.
    keywords.set('*', value)
  }
}

function follow(callee: PyFunction, call: PyCall, run: Run, evaluate: Evaluate): PyValue {
  const id = callee.node.id()
  const body = callee.node.field('body')
  if (run.following.some((one) => one.id === id)) {
    addUnknown(run.report, call.node, 'it calls itself')
    return opaque('it calls itself', true)
  }
  const scope: Scope = { names: new Map(), parent: callee.scope }
  takeParameters(callee, call, scope, (node) => evaluate(node, callee.scope, run))
  const frame = { id, branch: run.report.branch, returned: [] as PyValue[] }
  run.following.push(frame)
  if (body) run.block(body, scope, run)
  run.following.pop()
  const [only, ...more] = frame.returned
  if (more.length === 0) return only ?? none
  return opaque('it is decided when it runs', frame.returned.some(reaches))
}

function takeParameters(
  { node }: PyFunction,
  call: PyCall,
  scope: Scope,
  evaluate: (node: PyNode) => PyValue,
): void {
  const rest = opaque('it is handed in when it runs', true)
  const parameters = node.field('parameters')
  for (const [index, part] of (parameters ? partsOf(parameters) : []).entries()) {
    const named = part.field('name') ?? (part.kind() === 'identifier' ? part : partsOf(part)[0])
    const name = named?.text().replace(/^\*+/, '')
    if (name === undefined) continue
    const fallback = part.field('value')
    const given = call.keywords.get(name) ?? call.args[index]
    const value = call.more ? rest : (given ?? (fallback ? evaluate(fallback) : rest))
    scope.names.set(name, named?.kind() === 'identifier' ? value : rest)
  }
}
