import { bind } from './bind.ts'
import { evaluate } from './evaluate.ts'
import { partsOf, type PyNode } from './node.ts'
import { addUnknown, inBranch, underDoubt } from './report.ts'
import { deepest, type Flow, type Run } from './run-state.ts'
import { opaque, reaches, type PyValue, type Scope } from './value.ts'

const undecided = 'whether it happens is decided when it runs'
const often = 'how often it happens, and to what, is decided when it runs'

/** `if`: every branch that may be taken is listed. */
export function choose(node: PyNode, scope: Scope, run: Run): Flow {
  const acts: (() => Flow)[] = []
  let complete = false
  let guess = false
  for (const arm of [node, ...node.fieldChildren('alternative')]) {
    const condition = arm.field('condition')
    const body = arm.field('consequence') ?? arm.field('body')
    const value = condition ? evaluate(condition, scope, run) : null
    if (!body || (value?.kind === 'bool' && !value.value)) continue
    complete = value === null || value.kind === 'bool'
    // Which database it is leaves a few answers, all of which are listed. Anything else is a guess.
    if (!complete && !isDialect(value)) guess = true
    const doubt = guess ? arm : null
    acts.push(() => aside(doubt, body, scope, run))
    if (complete) break
  }
  const flows = branches(scope, acts)
  return complete && flows.every((flow) => flow === 'end') ? 'end' : 'next'
}

function isDialect(value: PyValue | null): boolean {
  return value?.kind === 'handle' && value.what === 'dialect'
}

export function match(node: PyNode, scope: Scope, run: Run): void {
  const subject = node.field('subject')
  if (subject) evaluate(subject, scope, run)
  const cases = node.field('body')?.fieldChildren('alternative') ?? []
  branches(
    scope,
    cases.map((one) => () => {
      const body = one.field('consequence')
      return body ? aside(one, body, scope, run) : 'next'
    }),
  )
}

/** `for`: once for each item where they are written down, else once for all. */
export function loop(node: PyNode, scope: Scope, run: Run): void {
  const [target, items, body] = [node.field('left'), node.field('right'), node.field('body')]
  if (!target || !items || !body) return
  const value = evaluate(items, scope, run)
  if (value.kind === 'list') {
    for (const item of value.items) {
      bind(target, item, scope, run)
      deeper(body, scope, run)
    }
  } else {
    const item = opaque('it is taken from what is read when it runs', reaches(value))
    const act = () => {
      bind(target, item, scope, run)
      deeper(body, scope, run)
    }
    branches(scope, [() => doubtful(node, often, act, run)])
  }
  otherwise(node, scope, run)
}

export function repeat(node: PyNode, scope: Scope, run: Run): void {
  const [condition, body] = [node.field('condition'), node.field('body')]
  if (condition) evaluate(condition, scope, run)
  if (body) {
    branches(scope, [() => doubtful(node, often, () => deeper(body, scope, run), run)])
  }
  otherwise(node, scope, run)
}

/** `try`: what it wants to do happens; what it does instead may. */
export function attempt(node: PyNode, scope: Scope, run: Run): void {
  const body = node.field('body')
  const clauses = partsOf(node)
  // What fails and is passed over has made nothing.
  const mayFail = clauses.some((clause) => String(clause.kind()).startsWith('except'))
  if (body && mayFail) inBranch(run.report, () => deeper(body, scope, run))
  else if (body) deeper(body, scope, run)
  for (const clause of clauses) {
    const inner = partsOf(clause).find((part) => part.kind() === 'block')
    if (!inner || clause.kind() === 'block') continue
    if (clause.kind() === 'finally_clause') deeper(inner, scope, run)
    else {
      const doubt = clause.kind() === 'else_clause' ? null : clause
      branches(scope, [() => aside(doubt, inner, scope, run)])
    }
  }
}

/** `with`: the name behind `as` is what stands before it; hosts give the value that is meant. */
export function within(node: PyNode, scope: Scope, run: Run): Flow {
  const items = partsOf(node).find((part) => part.kind() === 'with_clause')
  for (const item of items ? partsOf(items) : []) {
    const [value] = partsOf(item)
    if (!value) continue
    if (value.kind() !== 'as_pattern') {
      evaluate(value, scope, run)
      continue
    }
    const [manager, target] = partsOf(value)
    const managed = manager ? evaluate(manager, scope, run) : null
    const name = target && partsOf(target)[0]
    if (managed && name) bind(name, managed, scope, run)
  }
  const body = node.field('body')
  return body ? deeper(body, scope, run) : 'next'
}

/** Each way by itself; what any of them sets is unknown afterwards. */
function branches(scope: Scope, acts: readonly (() => Flow)[]): Flow[] {
  const before = new Map(scope.names)
  const changed = new Map<string, boolean>()
  const flows = acts.map((act) => {
    const flow = act()
    for (const [name, value] of scope.names) {
      if (before.get(name) === value) continue
      changed.set(name, (changed.get(name) ?? false) || reaches(value))
    }
    scope.names.clear()
    for (const [name, value] of before) scope.names.set(name, value)
    return flow
  })
  for (const [name, reaching] of changed) {
    const old = before.get(name)
    const leads = reaching || (old !== undefined && reaches(old))
    scope.names.set(name, opaque(`${name} is set under a condition`, leads))
  }
  return flows
}

/** A body that may be passed over: in doubt at the node, or one of several answers that are known. */
function aside(doubt: PyNode | null, body: PyNode, scope: Scope, run: Run): Flow {
  const act = () => deeper(body, scope, run)
  if (doubt) return doubtful(doubt, undecided, act, run)
  let flow: Flow = 'next'
  inBranch(run.report, () => {
    flow = act()
  })
  return flow
}

function doubtful(node: PyNode, why: string, act: () => Flow | void, run: Run): Flow {
  let flow: Flow = 'next'
  underDoubt(run.report, node, why, () => {
    flow = act() ?? 'next'
  })
  return flow
}

function deeper(body: PyNode, scope: Scope, run: Run): Flow {
  if (run.depth >= deepest) {
    addUnknown(run.report, body, 'it is nested too deeply to be followed')
    return 'next'
  }
  run.depth++
  const flow = run.block(body, scope, run)
  run.depth--
  return flow
}

/** The `else` of a loop. */
function otherwise(node: PyNode, scope: Scope, run: Run): void {
  const body = node.field('alternative')?.field('body')
  if (body) branches(scope, [() => aside(null, body, scope, run)])
}
