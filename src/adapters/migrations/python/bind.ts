import { partsOf, type PyNode } from './node.ts'
import { addUnknown } from './report.ts'
import type { Run } from './run-state.ts'
import { opaque, reaches, type PyValue, type Scope } from './value.ts'

/** Gives names their value: `a`, `a, b`, `(a, *rest)`. What is no name has an effect, or none we know. */
export function bind(target: PyNode, value: PyValue, scope: Scope, run: Run): void {
  const kind = target.kind()
  if (kind === 'identifier') {
    scope.names.set(target.text(), value)
    return
  }
  if (kind === 'attribute') {
    addUnknown(run.report, target, 'it sets an attribute of an object, which may be saved')
    return
  }
  if (kind === 'subscript') return
  const targets = partsOf(target)
  const items = value.kind === 'list' && value.items.length === targets.length ? value.items : null
  const each = opaque('it is unpacked when it runs', reaches(value))
  for (const [index, one] of targets.entries()) bind(one, items?.[index] ?? each, scope, run)
}

/** `import a.b`, `import a.b as c`. */
export function bindImport(node: PyNode, scope: Scope): void {
  for (const part of partsOf(node)) {
    const name = (part.field('name') ?? part).text()
    const alias = part.field('alias')?.text()
    const root = name.split('.')[0] ?? name
    scope.names.set(alias ?? root, { kind: 'name', name: alias === undefined ? root : name })
  }
}

/** `from a.b import c, d as e`. What `*` brings is nobody's guess: names stay what they are. */
export function bindImportFrom(node: PyNode, scope: Scope): void {
  const [module, ...parts] = partsOf(node)
  if (!module) return
  for (const part of parts) {
    if (part.kind() === 'wildcard_import') continue
    const name = (part.field('name') ?? part).text()
    const known = part.field('alias')?.text() ?? name
    const separator = module.text().endsWith('.') ? '' : '.'
    scope.names.set(known, { kind: 'name', name: `${module.text()}${separator}${name}` })
  }
}
