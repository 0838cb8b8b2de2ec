import type { MigrationOperation } from '../../../core/migration.ts'
import type { FoundFile } from '../find.ts'
import { classNames, followFile } from '../python/follow-file.ts'
import { lineOf, partsOf, shown, type PyNode } from '../python/node.ts'
import { unknownAt } from '../python/report.ts'
import type { Host } from '../python/run-state.ts'
import { memberOf, resultOf, type PyValue, type Scope } from '../python/value.ts'

/** One file of `migrations/`. */
export interface Module {
  file: FoundFile
  /** The file's name without its end, which is what Django calls it. */
  name: string
  /** What it depends on and what it takes the place of: label and name. */
  dependencies: Named[]
  replaces: Named[]
  /** Names within the app; known once the app's label is. */
  parents: string[]
  /** What could not be read. */
  problems: MigrationOperation[]
  operations: PyValue | undefined
  /** The class; null without one. */
  node: PyNode | null
}

type Named = [label: string, name: string]

/** Calls in a list of operations describe what is to be done, and do nothing by themselves. */
const describingHost: Host = {
  attribute: memberOf,
  call: resultOf,
}

export async function readModule(file: FoundFile): Promise<Module> {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1).replace(/\.py$/, '')
  const none = { file, name, dependencies: [], replaces: [], parents: [] }
  const nothing = { operations: undefined, node: null }
  const followed = await followFile(file.text, describingHost)
  if (followed.problem) return { ...none, ...nothing, problems: [followed.problem] }
  const migration = followed.names.get('Migration')
  if (migration?.kind !== 'class') {
    const why = unknownAt({ line: 1, statement: '' }, 'it has no class Migration')
    return { ...none, ...nothing, problems: [...followed.errors, why] }
  }
  const { names, problems } = classNames(migration, followed.run)
  const { node } = migration
  const long = { line: lineOf(node), statement: shown(node) }
  const tooLong = followed.run.left > 0 ? [] : [unknownAt(long, 'it is too long to be followed')]
  const unclear = unclearNames(names, long)
  return {
    ...none,
    dependencies: pairsOf(names.get('dependencies')),
    replaces: pairsOf(names.get('replaces')),
    problems: [
      ...followed.errors,
      ...problems,
      ...tooLong,
      ...unclear,
      ...oddClass(migration, names),
    ],
    operations: names.get('operations'),
    node,
  }
}

/** What Django would do is told by the list only if the class is no more than its list. */
function oddClass(
  { node, scope }: Extract<PyValue, { kind: 'class' }>,
  names: ReadonlyMap<string, PyValue>,
): MigrationOperation[] {
  const bases = node.field('superclasses')
  const [base, ...others] = bases ? partsOf(bases) : []
  const isPlain = others.length === 0 && baseName(base, scope) === 'django.db.migrations.Migration'
  const odd = [
    ...(isPlain ? [] : ['it inherits from something else than migrations.Migration']),
    ...(['apply', 'mutate_state', '__init__', '__new__', '__getattribute__'].some((one) =>
      names.has(one),
    )
      ? ['it has code of its own instead of a list of operations']
      : []),
    ...(isTouched(node) ? ['it is changed after it is written down'] : []),
  ]
  return odd.map((why) => unknownAt({ line: lineOf(node), statement: shown(node) }, why))
}

function baseName(base: PyNode | undefined, scope: Scope): string {
  const [first = '', ...rest] = base?.text().split('.') ?? []
  const known = scope.names.get(first)
  return known?.kind === 'name' ? [known.name, ...rest].join('.') : ''
}

function isTouched(node: PyNode): boolean {
  const isNamed = { rule: { kind: 'identifier', regex: '^Migration$' } }
  return (
    node.parent()?.kind() !== 'module' || node.nextAll().some((one) => one.find(isNamed) !== null)
  )
}

/** An order that is put together when it runs is one that nobody can tell. */
function unclearNames(
  names: ReadonlyMap<string, PyValue>,
  place: { line: number; statement: string },
): MigrationOperation[] {
  return ['dependencies', 'replaces'].flatMap((name) => {
    const value = names.get(name)
    if (value === undefined || value.kind === 'list') return []
    return [unknownAt(place, `its ${name} are not written as a list`)]
  })
}

/** What is told by `swappable_dependency` belongs to another app. */
function pairsOf(value: PyValue | undefined): Named[] {
  return (value?.kind === 'list' ? value.items : []).flatMap((item): Named[] => {
    const [label, name] = item.kind === 'list' ? item.items : []
    return label?.kind === 'text' && name?.kind === 'text' ? [[label.text, name.text]] : []
  })
}

/** The app's label: what its own migrations call it, else the name of its directory. */
export function labelOf(modules: readonly Module[]): string | null {
  const directory = modules[0]?.file.path.split('/').at(-3)
  const names = new Set(modules.map(({ name }) => name))
  const counts = new Map<string, number>()
  for (const { dependencies, replaces } of modules) {
    for (const [label, name] of [...dependencies, ...replaces]) {
      if (names.has(name)) counts.set(label, (counts.get(label) ?? 0) + 1)
    }
  }
  // No migration builds on itself: what is called as it is belongs to another app.
  for (const { name, dependencies } of modules)
    for (const [label, other] of dependencies) if (name === other) counts.delete(label)
  if (directory !== undefined && (counts.size === 0 || counts.has(directory))) return directory
  // Other apps have a first migration of the same name too, but not as often as all of them.
  return [...counts].toSorted((one, other) => other[1] - one[1])[0]?.[0] ?? null
}

/**
 * As Django loads a squashed migration beside those it replaces: where they were applied it is too, so
 * that it does nothing, and what came after them comes after it.
 */
export function squash(modules: readonly Module[], label: string | null): Module[] {
  const own = (pairs: readonly Named[]) =>
    pairs.flatMap(([of, name]) => (of === label && !name.startsWith('__') ? [name] : []))
  const known = modules.map((module) => ({ ...module, parents: own(module.dependencies) }))
  const present = new Set(known.map(({ name }) => name))
  for (const module of known) {
    const replaced = new Set(own(module.replaces).filter((name) => present.has(name)))
    if (replaced.size === 0) continue
    const inner = known.filter(({ name }) => replaced.has(name)).flatMap(({ parents }) => parents)
    for (const other of known) {
      if (replaced.has(other.name) || other === module) continue
      const parents = other.parents.map((name) => (replaced.has(name) ? module.name : name))
      other.parents = [...new Set(parents)]
    }
    module.parents = [...replaced].filter((name) => !inner.includes(name))
    module.operations = undefined
  }
  return known
}

/** Parents first; of a circle, which Django refuses, as the files come. */
export function inOrder(modules: readonly Module[]): Module[] {
  const left = new Set(modules)
  const ordered: Module[] = []
  while (left.size > 0) {
    const waiting = new Set([...left].map(({ name }) => name))
    const free = [...left].filter(({ parents }) => !parents.some((name) => waiting.has(name)))
    const next = free.length > 0 ? free : [...left]
    for (const module of next) left.delete(module)
    ordered.push(...next)
  }
  return ordered
}
