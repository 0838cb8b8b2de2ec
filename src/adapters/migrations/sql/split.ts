import { tokenAt } from './tokens.ts'

/** A piece of a text, with where it begins. */
export interface Piece {
  text: string
  /** Characters before it. */
  offset: number
}

/**
 * Cuts a text where one statement ends and the next begins, as psql does: for texts that the parser refuses
 * as a whole, so that what is wrong with one statement does not hide the others.
 */
export function splitStatements(text: string): Piece[] {
  const pieces: Piece[] = []
  let state: State | null = null
  const end = (at: number) => {
    if (state) pieces.push({ text: text.slice(state.start, at), offset: state.start })
    state = null
  }
  for (let at = 0, next = 0; at < text.length; at = next) {
    const { text: part, end: after, isGap } = tokenAt(text, at)
    next = after
    if (isGap) continue
    if (part === '\\' && !state) {
      // A command of psql: the rest of the line belongs to it.
      state = begun(at)
      next = endOfLine(text, at)
      end(next)
    } else if (part === ';' && (state?.depth ?? 0) <= 0) {
      const hasData: boolean = state !== null && copiesFromInput(text.slice(state.start, at))
      end(at + 1)
      if (hasData) next = endOfData(text, next)
    } else {
      state ??= begun(at)
      state.depth += depthOf(part, state)
    }
  }
  end(text.length)
  return pieces
}

/** A statement that has begun. */
interface State {
  start: number
  /** Parentheses and bodies of functions that are open: a semicolon in there ends nothing. */
  depth: number
  before: string
  atomic: boolean
}

function begun(start: number): State {
  return { start, depth: 0, before: '', atomic: false }
}

/** `BEGIN ATOMIC ... END` holds statements of its own; so may a rule in parentheses. */
function depthOf(part: string, state: State): number {
  const word = part.toLowerCase()
  const { before } = state
  state.before = word
  if (part === '(') return 1
  if (part === ')') return -1
  if (word === 'atomic' && before === 'begin') {
    state.atomic = true
    return 1
  }
  if (!state.atomic) return 0
  return word === 'case' ? 1 : word === 'end' ? -1 : 0
}

function endOfLine(text: string, start: number): number {
  const close = text.indexOf('\n', start)
  return close === -1 ? text.length : close
}

function copiesFromInput(statement: string): boolean {
  return /^copy\b.*\bfrom\s+stdin\b/is.test(statement)
}

/** What psql reads after COPY is data until a line that is `\.`. */
function endOfData(text: string, start: number): number {
  const close = /^\\\.\r?$/gm
  close.lastIndex = start
  return close.exec(text) === null ? text.length : close.lastIndex
}
