import { placeIn, textsIn, type Node, type Place, type Text } from './model.ts'

/** A part of a text: written as it is, or an expression between `${{` and `}}`. */
export type Piece =
  | { kind: 'literal'; text: string }
  | { kind: 'expression'; source: string; offset: number }

/** The parts of a text in order. `offset` is where the expression begins, without its `${{`. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  while (at < text.length) {
    const open = text.indexOf('${{', at)
    const close = open === -1 ? -1 : closing(text, open + 3)
    if (close === -1) break
    if (open > at) pieces.push({ kind: 'literal', text: text.slice(at, open) })
    pieces.push({ kind: 'expression', source: text.slice(open + 3, close), offset: open + 3 })
    at = close + 2
  }
  if (at < text.length) pieces.push({ kind: 'literal', text: text.slice(at) })
  return pieces
}

/** Where `}}` ends an expression: not within a string. */
function closing(text: string, from: number): number {
  let quoted = false
  for (let at = from; at < text.length; at++) {
    if (text[at] === "'") quoted = !quoted
    else if (!quoted && text.startsWith('}}', at)) return at
  }
  return -1
}

/** An expression with its place in the file. */
export interface ExpressionAt extends Place {
  source: string
  /** The key of the value it stands in, such as `run`; null within a list. */
  key: string | null
  text: Text
}

/** Every expression in the values below a node. An `if` is one as a whole, with `${{` or without. */
export function* expressionsIn(node: Node, within: Text | null = null): Generator<ExpressionAt> {
  for (const { text, key } of textsIn(node, within)) {
    const common = { key: key?.text ?? null, text }
    const bare = key?.text === 'if' && !text.text.includes('${{')
    if (bare && text.text !== '') yield { source: text.text, ...common, ...placeIn(text, 0) }
    for (const piece of piecesOf(text.text)) {
      if (piece.kind === 'literal') continue
      const blank = piece.source.length - piece.source.trimStart().length
      const place = placeIn(text, piece.offset + blank)
      yield { source: piece.source.trim(), ...common, ...place }
    }
  }
}
