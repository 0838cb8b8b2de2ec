import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Scalar,
} from 'yaml'
import type { Entry, Mapping, Node, Place, Text } from './model.ts'

/** More than any workflow has: aliases of aliases can make a short file endless. */
const mostNodes = 30_000
const deepest = 100

interface Reading {
  source: string
  lines: LineCounter
  resolve(alias: unknown): unknown
  nodes: number
}

/** What is no YAML, with its place. */
export interface YamlProblem extends Place {
  message: string
}

/** The file as plain data with places. A file that is no mapping is an empty one. */
export function readYaml(source: string): { root: Mapping; problems: YamlProblem[] } {
  const empty: Mapping = { kind: 'mapping', line: 1, column: 1, entries: [] }
  try {
    const { document, lines, problems } = parse(source)
    if (problems.length > 0) return { root: empty, problems }
    const resolve = (alias: unknown) => (isAlias(alias) ? alias.resolve(document) : undefined)
    const root = nodeOf(document.contents, { source, lines, resolve, nodes: 0 }, 0)
    return { root: root.kind === 'mapping' ? root : empty, problems: [] }
  } catch (error) {
    // Brackets without end overflow the stack of the parser, too.
    const { message } = error as Error
    return { root: empty, problems: [{ message, line: 0, column: 0 }] }
  }
}

function parse(source: string) {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, uniqueKeys: false })
  const problems = document.errors.map(({ message, linePos }) => ({
    message: message.split('\n')[0] ?? '',
    line: linePos?.[0].line ?? 0,
    column: linePos?.[0].col ?? 0,
  }))
  return { document, lines, problems }
}

function nodeOf(node: unknown, reading: Reading, depth: number): Node {
  reading.nodes += 1
  if (reading.nodes > mostNodes || depth > deepest)
    throw new Error('it is larger than any workflow: are its aliases endless?')
  if (isAlias(node)) return nodeOf(reading.resolve(node), reading, depth + 1)
  const place = placeOf(node, reading)
  if (isMap(node)) {
    const entries = node.items.flatMap((pair) => entryOf(pair, reading, depth))
    return { kind: 'mapping', ...place, entries }
  }
  if (isSeq(node)) {
    const items = node.items.map((item) => nodeOf(item, reading, depth + 1))
    return { kind: 'list', ...place, items }
  }
  return isScalar(node) ? textNode(node, place, reading) : emptyText(place)
}

function entryOf(pair: unknown, reading: Reading, depth: number): Entry[] {
  if (!isPair(pair) || !isScalar(pair.key)) return []
  const key = textNode(pair.key, placeOf(pair.key, reading), reading)
  const value = nodeOf(pair.value, reading, depth + 1)
  // An empty value has no place of its own.
  return [
    { key, value: value.line === 0 ? { ...value, line: key.line, column: key.column } : value },
  ]
}

function textNode(node: Scalar, place: Place, reading: Reading): Text {
  const { value, type } = node
  const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  // As written: 3.10 is a number, and means the version 3.10.
  const text = typeof value === 'string' ? value : (node.source ?? '')
  const quoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE'
  const block = type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED'
  return {
    kind: 'text',
    line: place.line,
    column: quoted ? place.column + 1 : place.column,
    text,
    value: known ? value : null,
    block: block ? contentPlace(place, reading.source) : null,
  }
}

function emptyText(place: Place): Text {
  return { kind: 'text', ...place, text: '', value: null, block: null }
}

/** The first line below the header of a block, at its indentation. */
function contentPlace({ line }: Place, source: string): Place {
  const below = source.split('\n', line + 50).slice(line)
  const first = below.find((content) => content.trim() !== '') ?? ''
  return { line: line + 1, column: first.length - first.trimStart().length + 1 }
}

function placeOf(node: unknown, { lines }: Reading): Place {
  const start = (node as { range?: [number, number, number] } | null)?.range?.[0]
  if (start === undefined) return { line: 0, column: 0 }
  const { line, col } = lines.linePos(start)
  return { line, column: col }
}
