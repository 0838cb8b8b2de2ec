import { bind } from './bind.ts'
import { partsOf, type PyNode } from './node.ts'
import { underDoubt } from './report.ts'
import type { Run } from './run-state.ts'
import { listOf, opaque, reaches, type PyValue, type Scope } from './value.ts'

type Evaluate = (node: PyNode, scope: Scope, run: Run) => PyValue

/** `[body for target in items]`: item by item where they are written down, once otherwise. */
export function comprehension(node: PyNode, outer: Scope, run: Run, evaluate: Evaluate): PyValue {
  const scope: Scope = { names: new Map(), parent: outer }
  const [body, ...clauses] = partsOf(node)
  const [first, ...others] = clauses
  if (!body || !first) return opaque('it is computed when it runs')
  const items = valuesOf(first, scope, run, evaluate)
  const target = first.field('left')
  if (items.kind === 'list' && others.length === 0 && target && body.kind() !== 'pair') {
    const each = items.items.map((item) => {
      bind(target, item, scope, run)
      return evaluate(body, scope, run)
    })
    return listOf(each)
  }
  const reaching = bindUnknown(clauses, scope, run, evaluate)
  underDoubt(run.report, node, 'how often it happens, and to what, is decided when it runs', () => {
    evaluate(body, scope, run)
  })
  return opaque('it is computed when it runs', reaching)
}

function valuesOf(clause: PyNode, scope: Scope, run: Run, evaluate: Evaluate): PyValue {
  const items = clause.field('right')
  return items ? evaluate(items, scope, run) : opaque('it is computed when it runs')
}

/** Binds the targets of all clauses to what nobody knows; whether any of it leads to the database. */
function bindUnknown(
  clauses: readonly PyNode[],
  scope: Scope,
  run: Run,
  evaluate: Evaluate,
): boolean {
  let reaching = false
  for (const clause of clauses) {
    const target = clause.field('left')
    if (target === null) {
      for (const part of partsOf(clause)) evaluate(part, scope, run)
      continue
    }
    const items = valuesOf(clause, scope, run, evaluate)
    reaching ||= reaches(items)
    bind(target, opaque('it is taken from what is read when it runs', reaches(items)), scope, run)
  }
  return reaching
}
