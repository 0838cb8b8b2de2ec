// Control characters except tab and newline, format characters (bidirectional controls, zero width)
// and line separators: they can make an approver read something else than is there.
const unsafe = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
// oxlint-disable-next-line no-control-regex
const escapeSequence = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/gu

/** Untrusted text made safe to show: no escape sequences, control or bidi characters, no half characters. */
export function sanitize(text: string): string {
  return text.toWellFormed().replace(escapeSequence, '').replace(unsafe, '')
}

/** One sanitised line of at most `limit` characters; what was cut is said. */
export function oneLine(text: string, limit = 200): string {
  return cut(sanitize(text).replace(/\s+/g, ' ').trim(), limit)
}

/** Never leaves half of a surrogate pair, which is no text and breaks some JSON readers. */
function cut(line: string, limit: number): string {
  if (line.length <= limit) return line
  return `${line.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/** The last `count` lines, sanitised, fitted into `budget` characters by shortening each line alike. */
export function tailLines(text: string, count: number, budget: number): string[] {
  const tail = linesOf(text).slice(-count)
  const total = tail.reduce((sum, line) => sum + line.length, 0)
  if (total <= budget) return tail
  const each = Math.max(16, Math.floor(budget / tail.length))
  return tail.map((line) => cut(line, each))
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => sanitize(line).trimEnd())
  while (lines.at(-1) === '') lines.pop()
  return lines
}

const heading = /^== .+ ==$/

/** The same of a log, beginning with the heading of the step that the first of these lines belongs to. */
export function logTail(text: string, count: number, budget: number): string[] {
  const tail = tailLines(text, count, budget)
  const before = linesOf(text)
    .slice(0, -count)
    .findLast((line) => heading.test(line))
  if (before === undefined || heading.test(tail[0] ?? '')) return tail
  return [before, ...tail.slice(1)]
}

// Short words, digits and pairs of signs are a token each; most other scripts and emoji are more.
const tokens =
  / ?[A-Z]?[a-z]{1,4}|[A-Z]{1,2}|\d{1,3}|\s+|[!-/:-@[-`{-~]{1,2}|[\u0080-\u05ff]{1,2}|[^]/g

/** About what a language model pays for a text; rather too much than too little. */
export function tokenCost(text: string): number {
  const pieces = text.match(tokens) ?? []
  return pieces.reduce((sum, piece) => sum + (piece.charCodeAt(0) > 0x5ff ? 2 : 1), 0)
}

/** True for text that stands for itself on a command line, whoever chose it. */
export function isPlainWord(text: string): boolean {
  return /^[\w./@][\w./@-]*$/.test(text)
}

/** The known word nearest to a misspelt one, if it is near enough to be a likely slip. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(word.length / 3))
  let best: { word: string; distance: number } | undefined
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance <= limit && (!best || distance < best.distance))
      best = { word: candidate, distance }
  }
  return best?.word
}

function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const substitution = previous[column - 1]! + (left[row - 1] === right[column - 1] ? 0 : 1)
      current.push(Math.min(substitution, previous[column]! + 1, current[column - 1]! + 1))
    }
    previous = current
  }
  return previous[right.length]!
}
