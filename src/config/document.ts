import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
} from 'yaml'
import type { Path } from './problems.ts'

/** A YAML text as plain data that still knows its lines. */
export interface ConfigDocument {
  /** Undefined when the text is not usable YAML. */
  value: unknown
  /** What is wrong with the YAML itself; never quotes the text. */
  errors: { line: number; message: string }[]
  /** The line of the deepest key of `path` that is in the text. */
  lineOf(path: Path): number
}

// Enough to share settings between environments, far too little to blow up memory.
const maxAliasCount = 100
const maxDepth = 64

/** Reads YAML 1.2; unknown tags and repeated keys are errors. */
export function parseConfig(text: string): ConfigDocument {
  const lines = new LineCounter()
  const line = (offset: number) => lines.linePos(offset).line || 1
  try {
    // Pretty errors would quote the lines around the problem, and so perhaps a secret.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
    const errors = [...document.errors, ...document.warnings, ...danglingAliases(document)].map(
      ({ pos, message }) => ({ line: line(pos[0]), message }),
    )
    const value: unknown = errors.length > 0 ? undefined : document.toJS({ maxAliasCount })
    if (isDeeper(value, maxDepth)) throw new RangeError('nested too deeply')
    return { value, errors, lineOf: (path) => line(offsetOf(document, path)) }
  } catch (error) {
    return { value: undefined, errors: [{ line: 1, message: unreadable(error) }], lineOf: () => 1 }
  }
}

function unreadable(error: unknown): string {
  if (error instanceof ReferenceError) {
    return `aliases cannot be resolved: more than ${maxAliasCount}, or one inside its own anchor`
  }
  if (!(error instanceof RangeError)) throw error
  return `nested more than ${maxDepth} levels deep`
}

/** Aliases that no anchor before them explains; the parser would only say so without a place. */
function danglingAliases(document: Document.Parsed): { pos: [number]; message: string }[] {
  const anchors = new Set<string>()
  const found: { pos: [number]; message: string }[] = []
  visit(document, {
    Node: (_, node) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.add(node.anchor)
      } else if (!anchors.has(node.source)) {
        found.push({ pos: [startOf(node) ?? 0], message: `no anchor &${node.source} before it` })
      }
    },
  })
  return found
}

function isDeeper(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1))
}

function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents
  let offset = 0
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document)
    const next = child(node, key)
    if (!next) break
    offset = startOf(next.at) ?? offset
    node = next.value
  }
  return offset
}

function child(node: unknown, key: PropertyKey): { at: unknown; value: unknown } | undefined {
  if (isSeq(node)) {
    const item = typeof key === 'number' ? node.items[key] : undefined
    return item === undefined ? undefined : { at: item, value: item }
  }
  if (!isMap(node)) return undefined
  const pair = node.items.find(
    (item) => isScalar(item.key) && String(item.key.value) === String(key),
  )
  return pair && { at: pair.key, value: pair.value }
}

function startOf(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] | null } | null)?.range?.[0]
}
