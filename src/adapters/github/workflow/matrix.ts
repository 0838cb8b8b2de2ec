import { evaluateNode } from './text.ts'
import type { Scope } from './evaluate.ts'
import type { Entry, Node } from './model.ts'
import { jsonOf, known, settled, unknown, type Known, type Unknown } from './value.ts'

/** One job of a matrix: its keys in order, with plain JSON values. */
export type Combination = Record<string, unknown>

/** GitHub's own limit. */
const most = 256

/** The combinations of a matrix, or what would have to be known for them. */
export function expandMatrix(matrix: Node, scope: Scope): Combination[] | Unknown {
  const value = jsonNode(matrix, scope)
  if (value.kind === 'unknown') return value
  const json = jsonOf(value)
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return unknown('a matrix that is no mapping')
  const { include, exclude, ...axes } = json as Record<string, unknown>
  const crossed = cross(axes)
  if (crossed === null) return unknown(`a matrix of more than ${most} jobs`)
  const kept = crossed.filter((one) => !combinations(exclude).some((out) => agrees(out, one)))
  return included(kept, combinations(include), Object.keys(axes))
}

/** A node with everything in it evaluated. */
function jsonNode(node: Node, scope: Scope): Known | Unknown {
  if (node.kind === 'text') return settled(evaluateNode(node, scope))
  const parts =
    node.kind === 'list'
      ? node.items.map((item) => jsonNode(item, scope))
      : node.entries.map(({ value }) => jsonNode(value, scope))
  const open = parts.find((part) => part.kind === 'unknown')
  if (open) return open
  const values = (parts as Known[]).map(jsonOf)
  return node.kind === 'list' ? known(values) : known(keyed(node.entries, values))
}

function keyed(entries: readonly Entry[], values: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(entries.map(({ key }, index) => [key.text, values[index]]))
}

function cross(axes: Record<string, unknown>): Combination[] | null {
  let all: Combination[] = [{}]
  for (const [name, values] of Object.entries(axes)) {
    const list: unknown[] = Array.isArray(values) ? values : [values]
    all = all.flatMap((one) => list.map((value) => ({ ...one, [name]: value })))
    if (all.length > most) return null
  }
  return Object.keys(axes).length === 0 ? [] : all
}

function combinations(list: unknown): Combination[] {
  return Array.isArray(list)
    ? list.filter((item): item is Combination => typeof item === 'object' && item !== null)
    : []
}

/** Whether all that the first one says holds for the second. */
function agrees(some: Combination, one: Combination): boolean {
  return Object.entries(some).every(([key, value]) => same(one[key], value))
}

function same(left: unknown, right: unknown): boolean {
  if (typeof left === 'string' && typeof right === 'string')
    return left.toLowerCase() === right.toLowerCase()
  return JSON.stringify(left) === JSON.stringify(right)
}

/** An include adds to every combination it contradicts in no axis; to none: it is one of its own. */
function included(
  kept: readonly Combination[],
  includes: readonly Combination[],
  axes: readonly string[],
): Combination[] {
  const result = kept.map((one) => ({ ...one }))
  const own: Combination[] = []
  for (const extra of includes) {
    const bound = Object.entries(extra).filter(([key]) => axes.includes(key))
    const targets = kept.flatMap((one, index) =>
      bound.every(([key, value]) => same(one[key], value)) ? [result[index]!] : [],
    )
    if (targets.length === 0) own.push({ ...extra })
    for (const target of targets) Object.assign(target, extra)
  }
  return [...result, ...own]
}

/** The title GitHub gives a job of a matrix without a name: `test (18, linux)`. */
export function matrixTitle(id: string, combination: Combination): string {
  const values = Object.values(combination).flatMap((value) =>
    typeof value === 'object' && value !== null ? Object.values(value) : [value],
  )
  return `${id} (${values.map(String).join(', ')})`
}
