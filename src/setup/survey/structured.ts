import { LineCounter, parseAllDocuments, type Document } from 'yaml'

/** A YAML document as plain data that still knows its lines. */
export interface Structured {
  value: unknown
  /** The line of the value at this path, or of the last key of it that is there. */
  lineOf: (...path: (string | number)[]) => number
}

// Enough for shared settings of real files, far too little to blow up memory.
const maxAliasCount = 100
const maxDocuments = 50

/** The documents of a YAML text; those that cannot be read are left out. */
export function readYaml(text: string): Structured[] {
  if (isTooDeep(text)) return []
  const lineCounter = new LineCounter()
  try {
    const parsed = parseAllDocuments(text, { lineCounter, prettyErrors: false, merge: true })
    const documents = 'empty' in parsed ? [] : parsed.slice(0, maxDocuments)
    return documents.flatMap((document) => structured(document as Document.Parsed, lineCounter))
  } catch {
    // Nested too deeply for the parser's stack.
    return []
  }
}

/** The parser's time grows with the square of the depth; no file of a project is like that. */
function isTooDeep(text: string): boolean {
  if (/(?:[-?:][ \t]+){64}/.test(text)) return true
  let depth = 0
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (bracket === '[' || bracket === '{' ? 1 : -1))
    if (depth > 64) return true
  }
  return false
}

function structured(document: Document.Parsed, lines: LineCounter): Structured[] {
  if (document.errors.length > 0) return []
  try {
    const value: unknown = document.toJS({ maxAliasCount })
    return [{ value, lineOf: (...path) => lines.linePos(offsetOf(document, path)).line || 1 }]
  } catch {
    // An alias bomb, or an alias without an anchor.
    return []
  }
}

function offsetOf(document: Document.Parsed, path: (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number] } | undefined
    const offset = node?.range?.[0]
    if (offset !== undefined) return offset
  }
  return 0
}

/** The members of a mapping; none when it is something else. */
export function members(value: unknown): [string, unknown][] {
  const isMapping = value !== null && typeof value === 'object' && !Array.isArray(value)
  return isMapping ? Object.entries(value) : []
}

/** The items of a list; none when it is something else. */
export function items(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value below these keys, or undefined. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      inner !== null && typeof inner === 'object' && Object.hasOwn(inner, key)
        ? (inner as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  )
}

/** A text or number as text, else null. */
export function textAt(value: unknown, ...path: (string | number)[]): string | null {
  const found = at(value, ...path)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : null
}

/** The line of the first match in a text, counted from 1. */
export function lineOfMatch(text: string, pattern: RegExp): number | null {
  const index = text.search(pattern)
  return index < 0 ? null : text.slice(0, index).split('\n').length
}
