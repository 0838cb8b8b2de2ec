import type { PyNode } from './node.ts'

/** What can be told about a Python value without running anything. */
export type PyValue =
  | PyText
  | { kind: 'none' }
  | { kind: 'bool'; value: boolean }
  | { kind: 'number'; text: string }
  /** Lists, tuples and sets. */
  | PyList
  | PyDict
  /** Something imported or built in, by its full name: `sqlalchemy.Column`, `builtins.print`. */
  | { kind: 'name'; name: string }
  /** What a call comes to that has no effect of its own, such as a description of a column. */
  | PyCallValue
  /** An attribute of something that has no name of its own: `table.update`. */
  | PyMember
  | PyFunction
  | { kind: 'class'; node: PyNode; scope: Scope }
  /** Something that whoever reads the file knows more about, such as a connection. */
  | PyHandle
  | PyOpaque

export interface PyText {
  kind: 'text'
  text: string
  /** For each line of the text the line of the file it begins in. */
  lines: number[]
}

// What holds other values knows of itself whether it leads anywhere: one that is asked again and again for
// what is in it, and in that, and so on, would never answer.

export interface PyList {
  kind: 'list'
  items: PyValue[]
  reaches: boolean
}

export interface PyDict {
  kind: 'dict'
  entries: [PyValue, PyValue][]
  reaches: boolean
}

export interface PyMember {
  kind: 'member'
  of: PyValue
  name: string
  reaches: boolean
}

export interface PyCallValue {
  kind: 'call'
  call: PyCall
  reaches: boolean
}

export interface PyFunction {
  kind: 'function'
  node: PyNode
  scope: Scope
}

export interface PyHandle {
  kind: 'handle'
  what: string
  /** The table it is bound to. */
  table: string | null
}

export interface PyOpaque {
  kind: 'opaque'
  /** Why nobody can tell what it is; no full stop. */
  why: string
  /** It may lead to the database, so that calls on it cannot be taken for harmless. */
  reaches: boolean
}

export interface PyCall {
  callee: PyValue
  args: PyValue[]
  keywords: Map<string, PyValue>
  /** There are more arguments than can be told: `*args` or `**kwargs`. */
  more: boolean
  /** It is an argument of something that describes a schema. */
  described: boolean
  node: PyNode
}

export interface Scope {
  names: Map<string, PyValue>
  parent: Scope | null
}

export function opaque(why: string, leads = false): PyOpaque {
  return { kind: 'opaque', why, reaches: leads }
}

export const none: PyValue = { kind: 'none' }

/** What is longer was put together, not written down. */
const mostItems = 2000
export const longestText = 64 * 1024

export function listOf(items: PyValue[]): PyList | PyOpaque {
  const leads = items.some(reaches)
  if (items.length > mostItems) return opaque('it is too long to be followed', leads)
  return { kind: 'list', items, reaches: leads }
}

export function dictOf(entries: [PyValue, PyValue][]): PyDict | PyOpaque {
  const leads = entries.some((entry) => entry.some(reaches))
  if (entries.length > mostItems) return opaque('it is too long to be followed', leads)
  return { kind: 'dict', entries, reaches: leads }
}

export function memberOf(of: PyValue, name: string): PyMember {
  return { kind: 'member', of, name, reaches: reaches(of) }
}

export function resultOf(call: PyCall): PyCallValue {
  return { kind: 'call', call, reaches: callReaches(call) }
}

/** Whether something can be done to the database through this value. */
export function reaches(value: PyValue): boolean {
  switch (value.kind) {
    case 'text':
    case 'none':
    case 'bool':
    case 'number':
      return false
    case 'name':
      return /^alembic(?:$|\.op(?:$|\.))/.test(value.name)
    case 'function':
    case 'handle':
      return true
    case 'class':
      return false
    case 'list':
    case 'dict':
    case 'call':
    case 'member':
    case 'opaque':
      return value.reaches
  }
}

export function callReaches({ callee, args, keywords }: PyCall): boolean {
  return reaches(callee) || args.some(reaches) || keywords.values().some(reaches)
}

/** Text and text, list and list; anything else is computed. */
export function plus(left: PyValue, right: PyValue): PyValue {
  if (left.kind === 'text' && right.kind === 'text') return joinTexts(left, right)
  if (left.kind === 'list' && right.kind === 'list') return listOf([...left.items, ...right.items])
  const told = [left, right].find((value) => value.kind === 'opaque')
  const why = told?.why ?? 'its value is computed when it runs'
  return opaque(why, reaches(left) || reaches(right))
}

function joinTexts(left: PyText, right: PyText): PyText | PyOpaque {
  if (left.text !== '' && left.text.length + right.text.length > longestText) {
    return opaque('its text is too long to be followed')
  }
  const before = left.text.slice(left.text.lastIndexOf('\n') + 1)
  // A line that holds nothing yet begins where the next piece does.
  const kept = before.trim() === '' ? left.lines.slice(0, -1) : left.lines
  const added = before.trim() === '' ? right.lines : right.lines.slice(1)
  return { kind: 'text', text: left.text + right.text, lines: [...kept, ...added] }
}

/** The name that something is called by, `sqlalchemy.Column` for `sa.Column(...)`; null without one. */
export function calledName(value: PyValue): string | null {
  let callee = value
  // What is called again and again is named by nothing.
  for (let deep = 0; callee.kind === 'call' && deep < 3; deep++) callee = callee.call.callee
  return callee.kind === 'name' ? callee.name : null
}

/** An argument by its position or its name. */
export function argument(call: PyCall, position: number, name: string): PyValue | undefined {
  return call.keywords.get(name) ?? call.args[position]
}

export function textOf(value: PyValue | undefined): string | null {
  return value?.kind === 'text' ? value.text : null
}

export function isNone(value: PyValue | undefined): boolean {
  return value === undefined || value.kind === 'none'
}
