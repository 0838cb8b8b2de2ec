import { createByteTail } from './byte-tail.ts'

/** When a step ran, in whole seconds as GitHub tells it: `2026-01-31T23:59:59`. */
export interface Window {
  from: string
  to: string
}

/** The times of a step; null while one is missing. */
export function windowOf(step: {
  started_at?: string | null
  completed_at?: string | null
}): Window | null {
  const [from, to] = [step.started_at, step.completed_at].map((time) => {
    const at = Date.parse(time ?? '')
    return Number.isNaN(at) ? null : new Date(at).toISOString().slice(0, secondLength)
  })
  return from && to && from <= to ? { from, to } : null
}

const secondLength = '2026-01-31T23:59:59'.length
const timeLength = '2026-01-31T23:59:59.1234567Z '.length
const beginning = Buffer.from('##[group]Run ')
const byteOrderMark = Buffer.from('\uFEFF')
const newline = 10

/**
 * Collects the lines of one step out of its job's log: those written while it ran. A step that ended in
 * the second in which this one began is told apart by the line that begins a step. Lines are compared as
 * bytes, because a log of many megabytes would be as many megabytes of text that nobody looks at.
 */
export function createStepTail(window: Window, size: number) {
  const tail = createByteTail(size)
  const [first, last] = [Buffer.from(window.from), Buffer.from(window.to)]
  let inside = false
  let rest = Buffer.alloc(0)

  function take(bytes: Buffer, from: number, to: number): void {
    const start = beginsWith(bytes, byteOrderMark, from) ? from + byteOrderMark.length : from
    const end = start + secondLength
    if (hasTime(bytes, start, to)) {
      const atLeast = bytes.compare(first, 0, secondLength, start, end)
      inside = atLeast >= 0 && bytes.compare(last, 0, secondLength, start, end) <= 0
      const begins = beginsWith(bytes, beginning, textStart(bytes, start, to))
      if (atLeast === 0 && begins) tail.clear()
    }
    // A line without a time goes on from the one before it.
    if (inside) tail.push(bytes, from, to)
  }

  return {
    push(piece: Uint8Array): void {
      const bytes = rest.length === 0 ? asBuffer(piece) : Buffer.concat([rest, piece])
      let from = 0
      for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, from)) {
        take(bytes, from, at + 1)
        from = at + 1
      }
      rest = Buffer.from(bytes.subarray(from))
      if (rest.length <= longestLine) return
      take(rest, 0, rest.length)
      rest = Buffer.alloc(0)
    },
    lines(): string[] {
      take(rest, 0, rest.length)
      rest = Buffer.alloc(0)
      return upToError(tail.lines())
    },
  }
}

/** What is longer is taken in pieces, of which only the first has a time. */
const longestLine = 64 * 1024

/** Without the clean-up that other steps began in the second in which this one failed. */
function upToError(lines: readonly string[]): string[] {
  const last = lines.findLastIndex((line) => line.slice(0, timeLength + 9).includes('##[error]'))
  return last === -1 ? [...lines] : lines.slice(0, last + 1)
}

function asBuffer(piece: Uint8Array): Buffer {
  return Buffer.from(piece.buffer, piece.byteOffset, piece.length)
}

/** Whether it looks like a time: digits, `-`, `T` and `:` where they belong. */
function hasTime(bytes: Buffer, from: number, to: number): boolean {
  return (
    to - from > secondLength &&
    bytes[from + 4] === 0x2d &&
    bytes[from + 10] === 0x54 &&
    bytes[from + 13] === 0x3a &&
    bytes[from + 16] === 0x3a
  )
}

/** Behind the space that ends the time, however many digits its seconds have. */
function textStart(bytes: Buffer, from: number, to: number): number {
  const space = bytes.indexOf(0x20, from)
  return space === -1 || space >= Math.min(to, from + timeLength + 4) ? from : space + 1
}

function beginsWith(bytes: Buffer, text: Buffer, from: number): boolean {
  const end = from + text.length
  return end <= bytes.length && bytes.compare(text, 0, text.length, from, end) === 0
}
