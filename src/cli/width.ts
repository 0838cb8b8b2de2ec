// What a terminal shows two cells wide: East Asian text and pictures.
const wide =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u
const mark = /^\p{M}/u
// oxlint-disable-next-line no-control-regex
const style = /(\u001b\[[0-9;]*m)/
const reset = '\u001b[0m'
// Half an id is worse than none: it looks like one, and finds nothing.
// A colour before it ends with a letter, so the beginning of a word is not enough.
// oxlint-disable-next-line no-control-regex
const halfId = /(?:\b|(?<=\u001b\[[0-9;]*m))(?:dep|apr|run|op|req)_[0-9a-z]*$/

// A word with the spaces before it. A short command counts as one: it is there to be copied.
const unbroken = /\s*(?:gonogo \S+(?: (?:dep|apr)_\S+)?|\S+)/g

const graphemes = new Intl.Segmenter()

/** How many cells of a terminal a text takes; colours take none. */
export function widthOf(text: string): number {
  // oxlint-disable-next-line no-control-regex
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length
  return text
    .split(style)
    .filter((_, index) => index % 2 === 0)
    .reduce((sum, part) => sum + cells(part).reduce((width, [, cell]) => width + cell, 0), 0)
}

/** A line cut to `width` cells, with … where something is missing. Never leaves half of an id. */
export function fit(line: string, width: number): string {
  if (width === Infinity || widthOf(line) <= width) return line
  let [shown, room, styled] = ['', width - 1, false]
  for (const [index, part] of line.split(style).entries()) {
    if (index % 2 === 1) {
      shown += part
      styled = part !== reset
      continue
    }
    for (const [text, cell] of cells(part)) {
      if (cell > room) return `${shown.replace(halfId, '')}${styled ? reset : ''}…`
      shown += text
      room -= cell
    }
  }
  return shown
}

/** A text in as many lines as it takes, broken between words; a word that is too long stays whole. */
export function wrap(text: string, width: number, indent = ''): string[] {
  if (widthOf(text) <= width) return [text]
  const [first = '', ...words] = text.match(unbroken) ?? []
  const lines: string[] = []
  let line = first
  for (const word of words) {
    if (widthOf(line) + widthOf(word) <= width) line += word
    else {
      lines.push(line)
      line = `${indent}${word.trimStart()}`
    }
  }
  return [...lines, line]
}

/** Filled with spaces up to `width` cells. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

function cells(text: string): [text: string, cells: number][] {
  return Array.from(graphemes.segment(text), ({ segment }) => [segment, cellsOf(segment)])
}

function cellsOf(segment: string): number {
  if (segment === '\t') return 8
  return mark.test(segment) ? 0 : wide.test(segment) ? 2 : 1
}
