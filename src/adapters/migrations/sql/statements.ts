import type { Node } from 'libpg-query'
import { oneLine } from '../../../core/text.ts'
import { deepest, type Parse } from './parser.ts'
import { splitStatements } from './split.ts'
import { deepestNesting } from './tokens.ts'

/** One statement as it stands in a text. */
export interface Statement {
  /** From 1, within the text. */
  line: number
  /** On one line. */
  text: string
  /** Null when the parser refuses it. */
  tree: Node | null
  /** What the parser says; null when it does not complain. */
  problem: string | null
}

/** Longer ones are cut where they are shown. */
const longest = 300

/** Every statement of a text, in order. A text without any, such as one of comments, has none. */
export function statementsOf(text: string, parse: Parse): Statement[] {
  // The parser stops at a NUL, and what stands behind it would be hidden.
  if (text.includes('\0')) {
    return [
      { line: 1, text: oneLine(text, longest), tree: null, problem: 'it has a NUL character' },
    ]
  }
  if (text.trim() === '') return []
  if (deepestNesting(text) > deepest) return oneByOne(text, parse)
  try {
    return parsed(text, parse)
  } catch {
    return oneByOne(text, parse)
  }
}

function parsed(text: string, parse: Parse): Statement[] {
  const bytes = Buffer.from(text, 'utf8')
  const lineAt = lineCounter(bytes)
  return parse(text).flatMap(({ stmt, stmt_location: start = 0, stmt_len: length = 0 }) => {
    if (stmt === undefined) return []
    const end = length === 0 ? bytes.length : start + length
    const shown = oneLine(bytes.toString('utf8', start, end), longest)
    return [{ line: lineAt(start), text: shown, tree: stmt, problem: null }]
  })
}

function oneByOne(text: string, parse: Parse): Statement[] {
  const lineAt = lineCounter(Buffer.from(text, 'utf16le'), 2)
  return splitStatements(text).flatMap((piece) => {
    const line = lineAt(piece.offset * 2)
    const refused = { line, text: oneLine(piece.text, longest), tree: null }
    if (deepestNesting(piece.text) > deepest)
      return [{ ...refused, problem: 'it is nested too deeply' }]
    try {
      const found = parsed(piece.text, parse)
      return found.map((statement) => ({ ...statement, line: statement.line + line - 1 }))
    } catch (error) {
      const problem = error instanceof Error ? oneLine(error.message, 120) : 'it cannot be parsed'
      return [{ ...refused, problem }]
    }
  })
}

/** Lines from 1 of ever later places; each byte is looked at once. */
function lineCounter(bytes: Buffer, width = 1): (place: number) => number {
  let [line, seen] = [1, 0]
  return (place) => {
    for (; seen < place; seen += width)
      if (bytes[seen] === 10 && (width === 1 || bytes[seen + 1] === 0)) line++
    return line
  }
}
