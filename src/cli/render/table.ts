import { oneLine } from '../../core/text.ts'
import { fit, pad, widthOf } from '../width.ts'
import type { Page } from './page.ts'

export interface Column {
  name: string
  /** Never cut: an id or a word that means nothing in half. */
  whole?: boolean
  /** May be left out where there is no room: the highest first. */
  dispensable?: number
}

const gap = '  '
const longestCell = 300
/** Less of a text says nothing. */
const leastCell = 6

/**
 * A table as wide as the terminal at most. Columns that say least go first, then texts are cut; where
 * even that is too narrow, each row takes several lines. Cells are plain text: whoever can write the store
 * may have chosen it.
 */
export function renderTable(
  columns: readonly Column[],
  texts: readonly (readonly string[])[],
  page: Page,
): string[] {
  const rows = texts.map((row) => row.map((text) => oneLine(text, longestCell)))
  const kept = columnsThatFit(columns, rows, page.width)
  const shown = kept.map((index) => columns[index]!)
  const cells = rows.map((row) => kept.map((index) => row[index]!))
  const widths = squeezed(shown, widthsOf(shown, cells), page.width - gap.length * kept.length)
  if (widths === null) return rows.flatMap((row) => stacked(row, page.width))
  const line = (row: readonly string[]) =>
    `${gap}${row.map((cell, index) => pad(fit(cell, widths[index]!), widths[index]!)).join(gap)}`
  return [page.palette.faint(line(shown.map(({ name }) => name))), ...cells.map(line)]
}

function widthsOf(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  return columns.map(({ name }, index) =>
    Math.max(name.length, ...rows.map((row) => widthOf(row[index]!))),
  )
}

/** The places of the columns to show. */
function columnsThatFit(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): number[] {
  const widths = widthsOf(columns, rows)
  let kept = [...columns.keys()]
  for (;;) {
    const needed = kept.reduce((sum, index) => sum + gap.length + widths[index]!, 0)
    const rank = Math.max(...kept.map((index) => columns[index]!.dispensable ?? 0))
    if (needed <= width || rank === 0) return kept
    kept = kept.filter((index) => columns[index]!.dispensable !== rank)
  }
}

/** Takes cells from the widest column that may be cut, until it fits; null when it cannot. */
function squeezed(
  columns: readonly Column[],
  wanted: readonly number[],
  room: number,
): number[] | null {
  const widths = [...wanted]
  const sum = () => widths.reduce((total, width) => total + width, 0)
  while (sum() > room) {
    const candidates = widths.map((width, index) => (columns[index]!.whole ? 0 : width))
    const widest = candidates.indexOf(Math.max(...candidates))
    if (candidates[widest]! <= leastCell) return null
    widths[widest]!--
  }
  return widths
}

/** The first cell in a line of its own; the others below it, as many to a line as fit. */
function stacked([first = '', ...others]: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const cell of others) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(`${last}, ${cell}`) < width)
      lines[lines.length - 1] = `${last}, ${cell}`
    else lines.push(`    ${cell}`)
  }
  return [`${gap}${first}`, ...lines.map((line) => fit(line, width))]
}
