import { data } from '@actions/expressions'

type Data = data.ExpressionData

/** What an expression comes to, as far as it can be known beforehand. */
export type Value = Known | Unknown | Partial | Several

export interface Known {
  kind: 'known'
  data: Data
}

export interface Unknown {
  kind: 'unknown'
  /** What would have to be known, such as `secrets.TOKEN`. */
  why: string
  /** Whether it counts as true, where at least that is known. */
  truth: boolean | null
}

/** An object of which a part is known: a context, or something in one. */
export interface Partial {
  kind: 'partial'
  /** By the name in lower case, which is how GitHub looks names up. */
  entries: ReadonlyMap<string, Value>
  /** What every other name has. */
  rest: Value
}

/** What `.*` gives. */
export interface Several {
  kind: 'several'
  items: Value[]
}

export const nothing: Known = { kind: 'known', data: new data.Null() }

export function unknown(why: string, truth: boolean | null = null): Unknown {
  return { kind: 'unknown', why, truth }
}

/** Plain JSON as a value. */
export function known(json: unknown): Known {
  return { kind: 'known', data: dataOf(json) }
}

function dataOf(json: unknown): Data {
  if (typeof json === 'string') return new data.StringData(json)
  if (typeof json === 'number') return new data.NumberData(json)
  if (typeof json === 'boolean') return new data.BooleanData(json)
  if (Array.isArray(json)) return new data.Array(...json.map(dataOf))
  if (typeof json !== 'object' || json === null) return new data.Null()
  const pairs = Object.entries(json).map(([key, value]) => ({ key, value: dataOf(value) }))
  return new data.Dictionary(...pairs)
}

/** An object with values of its own; other names have `rest`: null as a rule, or unknown. */
export function partial(entries: Readonly<Record<string, Value>>, rest: Value = nothing): Partial {
  const lowered = Object.entries(entries).map(([key, value]) => [key.toLowerCase(), value] as const)
  return { kind: 'partial', entries: new Map(lowered), rest }
}

/** Whether it counts as true; null when that is not known. */
export function truthOf(value: Value): boolean | null {
  if (value.kind === 'unknown') return value.truth
  return value.kind === 'known' ? truthOfData(value.data) : true
}

function truthOfData(of: Data): boolean {
  if (of.kind === data.Kind.Null) return false
  if (of.kind === data.Kind.Array || of.kind === data.Kind.Dictionary) return true
  const { value } = of
  return typeof value === 'number' ? value !== 0 && !Number.isNaN(value) : Boolean(value)
}

/** Plain JSON of what is known. */
export function jsonOf({ data: of }: Known): unknown {
  return plain(of)
}

function plain(of: Data): unknown {
  if (of instanceof data.Array) return of.values().map(plain)
  if (of instanceof data.Dictionary)
    return Object.fromEntries(of.pairs().map(({ key, value }) => [key, plain(value)]))
  return of.kind === data.Kind.Null ? null : (of as data.StringData).value
}

/** The text GitHub puts in its place; null when it is not known. */
export function stringOf(value: Value): string | null {
  return value.kind === 'known' ? value.data.coerceString() : null
}

/** All of a partly known object or list as one value: known only when every part is. */
export function settled(value: Value): Known | Unknown {
  if (value.kind === 'known' || value.kind === 'unknown') return value
  const inner = value.kind === 'several' ? value.items : [...value.entries.values(), value.rest]
  const parts = inner.map(settled)
  const open = parts.find((part) => part.kind === 'unknown')
  if (open) return unknown(open.why, true)
  const all = parts as Known[]
  if (value.kind === 'several')
    return { kind: 'known', data: new data.Array(...all.map((part) => part.data)) }
  const pairs = [...value.entries.keys()].map((key, index) => ({ key, value: all[index]!.data }))
  return { kind: 'known', data: new data.Dictionary(...pairs) }
}
