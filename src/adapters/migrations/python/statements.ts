import { bind, bindImport, bindImportFrom } from './bind.ts'
import { evaluate } from './evaluate.ts'
import { partsOf, type PyNode } from './node.ts'
import { attempt, choose, loop, match, repeat, within } from './flow.ts'
import type { Report } from './report.ts'
import type { Flow, Host, Run } from './run-state.ts'
import { none, opaque, plus, reaches, type PyValue, type Scope } from './value.ts'

type Act = (node: PyNode, scope: Scope, run: Run) => Flow | void

const mostSteps = 40_000

/** Everything that is needed to follow a file once. */
export function createRun(host: Host, report: Report): Run {
  return {
    host,
    report,
    module: { names: new Map(), parent: null },
    left: mostSteps,
    depth: 0,
    following: [],
    describing: 0,
    changed: new WeakSet(),
    block,
  }
}

/** Follows statements in order. Nothing is run: what they would do is written down. */
function block(body: PyNode, scope: Scope, run: Run): Flow {
  for (const node of partsOf(body)) {
    if (run.left <= 0) return 'end'
    run.left--
    const act = kinds.get(String(node.kind())) ?? expression
    if (act(node, scope, run) === 'end') return 'end'
  }
  return 'next'
}

const nothing: Act = () => undefined

const kinds = new Map<string, Act>([
  ['expression_statement', block],
  ['assignment', assign],
  ['augmented_assignment', augment],
  ['return_statement', giveBack],
  ['raise_statement', end],
  ['continue_statement', end],
  ['break_statement', end],
  ['pass_statement', nothing],
  ['global_statement', forget],
  ['nonlocal_statement', forget],
  ['delete_statement', forget],
  ['future_import_statement', nothing],
  ['import_statement', (node, scope) => bindImport(node, scope)],
  ['import_from_statement', (node, scope) => bindImportFrom(node, scope)],
  ['function_definition', (node, scope) => define(node, { kind: 'function', node, scope }, scope)],
  ['class_definition', (node, scope) => define(node, { kind: 'class', node, scope }, scope)],
  ['decorated_definition', decorated],
  ['if_statement', choose],
  ['match_statement', match],
  ['for_statement', loop],
  ['while_statement', repeat],
  ['try_statement', attempt],
  ['with_statement', within],
  ['block', block],
])

function expression(node: PyNode, scope: Scope, run: Run): void {
  evaluate(node, scope, run)
}

function end(node: PyNode, scope: Scope, run: Run): Flow {
  for (const part of partsOf(node)) evaluate(part, scope, run)
  return 'end'
}

function giveBack(node: PyNode, scope: Scope, run: Run): Flow {
  const [part] = partsOf(node)
  const value = part ? evaluate(part, scope, run) : none
  const frame = run.following.at(-1)
  const sure = frame?.branch === run.report.branch
  frame?.returned.push(sure ? value : opaque('it is decided when it runs', reaches(value)))
  return 'end'
}

function assign(node: PyNode, scope: Scope, run: Run): void {
  const [left, right] = [node.field('left'), node.field('right')]
  if (!left || !right) return
  const value = rightSide(right, scope, run)
  if (left.kind() === 'subscript') change(left, scope, run)
  bind(left, value, scope, run)
}

/** `a = b = 1` is an assignment on the right of another. */
function rightSide(right: PyNode, scope: Scope, run: Run): PyValue {
  if (right.kind() !== 'assignment') return evaluate(right, scope, run)
  assign(right, scope, run)
  const target = right.field('left')
  return target ? evaluate(target, scope, run) : none
}

/** `thing[key] = value`: the thing is no longer what was written. */
function change(target: PyNode, scope: Scope, run: Run): void {
  const object = target.field('value')
  if (object) run.changed.add(evaluate(object, scope, run))
}

function augment(node: PyNode, scope: Scope, run: Run): void {
  const [left, right] = [node.field('left'), node.field('right')]
  if (!left || !right) return
  const added = evaluate(right, scope, run)
  if (left.kind() === 'subscript') change(left, scope, run)
  const before = left.kind() === 'identifier' ? evaluate(left, scope, run) : none
  const value =
    node.field('operator')?.text() === '+='
      ? plus(before, added)
      : opaque('its value is computed when it runs', reaches(before) || reaches(added))
  bind(left, value, scope, run)
}

/** Names that belong to somebody else, or to nobody any more. */
function forget(node: PyNode, scope: Scope, run: Run): void {
  for (const part of partsOf(node)) {
    const value = opaque('it is changed when it runs', true)
    scope.names.set(part.text(), value)
    run.module.names.set(part.text(), value)
  }
}

function define(node: PyNode, value: PyValue, scope: Scope): void {
  const name = node.field('name')?.text()
  if (name !== undefined) scope.names.set(name, value)
}

function decorated(node: PyNode, scope: Scope): void {
  const inner = node.field('definition')
  if (!inner) return
  const isClass = inner.kind() === 'class_definition'
  define(
    inner,
    isClass ? { kind: 'class', node: inner, scope } : opaque('a decorator stands before it', true),
    scope,
  )
}
