import { evaluate, type Scope } from './evaluate.ts'
import type { Text } from './model.ts'
import { piecesOf } from './template.ts'
import { known, stringOf, unknown, type Value } from './value.ts'

/** What a text comes to: a lone expression keeps its type, anything else is put together as text. */
export function evaluateText(text: string, scope: Scope): Value {
  const pieces = piecesOf(text)
  const [first] = pieces
  if (pieces.length === 1 && first?.kind === 'expression') return evaluate(first.source, scope)
  let whole = ''
  for (const piece of pieces) {
    const value = piece.kind === 'literal' ? known(piece.text) : evaluate(piece.source, scope)
    const part = stringOf(value)
    if (part === null) return value.kind === 'unknown' ? value : unknown(piece.kind)
    whole += part
  }
  return known(whole)
}

/** A value of the file: a lone `true` or `3` is a boolean or a number. */
export function evaluateNode(text: Text, scope: Scope): Value {
  return typeof text.value === 'string' ? evaluateText(text.text, scope) : known(text.value)
}
