import type { Node, TypeName } from 'libpg-query'
import type { OperationFacts } from '../../../core/migration.ts'
import { bodyOf, ownName, partsOf, typeNameOf } from './tree.ts'

/** What is known of a column; undefined: not known. */
export interface Column {
  name: string
  type: ColumnType | undefined
  nullable: boolean | undefined
}

export interface ColumnType {
  name: string
  /** Length, or precision and scale; null when one of them is not a plain number. */
  sizes: number[] | null
  array: boolean
}

export function columnTypeOf(type: TypeName | undefined): ColumnType | undefined {
  if (type === undefined) return undefined
  const sizes = (type.typmods ?? []).map(sizeOf)
  return {
    name: typeNameOf(type),
    sizes: sizes.includes(null) ? null : sizes.filter((size) => size !== null),
    array: (type.arrayBounds ?? []).length > 0,
  }
}

function sizeOf(node: Node): number | null {
  const constant = bodyOf(node, 'A_Const')
  // The parser leaves a zero out.
  return constant?.ival === undefined ? null : (constant.ival.ival ?? 0)
}

type Change = Pick<OperationFacts, 'narrowed' | 'rewrites'>

const nobodyKnows: Change = {}
const roomier = (rewrites: boolean): Change => ({ narrowed: false, rewrites })
const narrower: Change = { narrowed: true, rewrites: true }

/** What becomes of a column whose type changes; nothing is said where the old type is not known. */
export function typeChange(from: ColumnType | undefined, to: ColumnType | undefined): Change {
  if (!from || !to || from.sizes === null || to.sizes === null) return nobodyKnows
  const [old, now] = [from.sizes, to.sizes]
  if (from.array !== to.array) return nobodyKnows
  if (from.name === to.name && old.join() === now.join()) return roomier(false)
  if (from.array) return nobodyKnows
  if (texts.has(from.name) && texts.has(to.name)) return byLength(old[0], now[0], false)
  if (from.name === to.name) return withinType(to.name, old, now)
  return withinFamily(from.name, to.name)
}

const texts = new Set(['varchar', 'text'])

function withinType(name: string, old: number[], now: number[]): Change {
  if (name === 'numeric') return byPrecision(old, now)
  const isPadded = name === 'bpchar'
  return isPadded || name === 'varbit' ? byLength(old[0], now[0], isPadded) : nobodyKnows
}

function withinFamily(from: string, to: string): Change {
  const family = families.find((names) => names.includes(from) && names.includes(to))
  if (family === undefined) return nobodyKnows
  return family.indexOf(from) < family.indexOf(to) ? roomier(true) : narrower
}

const families: readonly (readonly string[])[] = [
  ['int2', 'int4', 'int8'],
  ['float4', 'float8'],
]

/** Undefined: as long as anybody likes. */
function byLength(old: number | undefined, now: number | undefined, padded: boolean): Change {
  if (now !== undefined && (old === undefined || now < old)) return narrower
  return roomier(padded && old !== now)
}

/** More digits before the point need no rewrite; others behind it do. */
function byPrecision(old: number[], now: number[]): Change {
  if (now[0] === undefined) return roomier(false)
  if (old[0] === undefined) return narrower
  const [oldScale, scale] = [old[1] ?? 0, now[1] ?? 0]
  if (scale < oldScale || now[0] - scale < old[0] - oldScale) return narrower
  return roomier(scale !== oldScale)
}

// What is not volatile is worked out once and only noted: PostgreSQL, "ALTER TABLE", Notes.
const steady = new Set([
  'now',
  'transaction_timestamp',
  'statement_timestamp',
  'timezone',
  'date_trunc',
  'lower',
  'upper',
  'concat',
  'make_interval',
  'jsonb_build_object',
  'jsonb_build_array',
  'json_build_object',
  'json_build_array',
  'to_timestamp',
  'current_setting',
  'array_fill',
])

/** Whether a default is the same for every old row, so that none has to be written. */
export function defaultOf(expression: Node | undefined): NonNullable<OperationFacts['default']> {
  if (expression === undefined || isNull(expression)) return 'none'
  return isConstant(expression) ? 'constant' : 'computed'
}

function isNull(node: Node): boolean {
  const cast = bodyOf(node, 'TypeCast')
  return cast?.arg ? isNull(cast.arg) : bodyOf(node, 'A_Const')?.isnull === true
}

function isConstant(node: Node | undefined): boolean {
  if (node === undefined || bodyOf(node, 'A_Const') || bodyOf(node, 'SQLValueFunction')) return true
  const call = bodyOf(node, 'FuncCall')
  if (call) return steady.has(ownName(partsOf(call.funcname))) && all(call.args)
  const cast = bodyOf(node, 'TypeCast')
  if (cast) return isConstant(cast.arg)
  const operation = bodyOf(node, 'A_Expr')
  if (operation) return isConstant(operation.lexpr) && isConstant(operation.rexpr)
  const array = bodyOf(node, 'A_ArrayExpr')
  return array !== undefined && all(array.elements)
}

function all(nodes: readonly Node[] | undefined): boolean {
  return (nodes ?? []).every(isConstant)
}
