import type { PyNode } from './node.ts'
import type { Report } from './report.ts'
import type { PyCall, PyHandle, PyValue, Scope } from './value.ts'

/** What calls mean to whoever reads the file: Alembic's and Django's are not the same. */
export interface Host {
  call(call: PyCall, report: Report): PyValue
  /** An attribute of one of its own values. */
  attribute(handle: PyHandle, name: string): PyValue
}

/** How far a file was followed. */
export interface Run {
  host: Host
  report: Report
  module: Scope
  /** Steps that are left: a file that never ends is not followed for ever. */
  left: number
  depth: number
  /** The functions that are being followed, innermost last. */
  following: { id: number; branch: string; returned: PyValue[] }[]
  /** Above zero in the arguments of something that describes a schema. */
  describing: number
  /** Lists and dictionaries that were changed after they were written down. */
  changed: WeakSet<PyValue>
  block: (body: PyNode, scope: Scope, run: Run) => Flow
}

/** Whether what stands behind is reached. */
export type Flow = 'next' | 'end'

export const deepest = 150

export function lookUp(name: string, scope: Scope, run: Run): PyValue {
  for (let place: Scope | null = scope; place; place = place.parent) {
    const value = place.names.get(name)
    if (value === undefined) continue
    if (!run.changed.has(value)) return value
    return { kind: 'opaque', why: `${name} is put together when it runs`, reaches: true }
  }
  return { kind: 'name', name: `builtins.${name}` }
}
