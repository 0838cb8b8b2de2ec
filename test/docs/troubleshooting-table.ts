import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One row of docs/troubleshooting.md: what somebody sees, what shows it, and what helps. */
export interface Row {
  id: string
  /** The words somebody sees; `…` stands for any text. */
  seen: string
  /** The command that reveals it, with placeholders. */
  look: string
  /** What that command answers. */
  shows: string
  /** Every command and every edit the last column names. */
  fixes: string[]
}

const guide = join(import.meta.dirname, '../../docs/troubleshooting.md')

const columns = 5

/** The rows of every table of the page; a row that lacks a cell or a code span fails. */
export function readRows(markdown = readFileSync(guide, 'utf8')): Row[] {
  const lines = markdown.split('\n').filter((line) => /^\| `[a-z-]+` +\|/.test(line))
  return lines.map((line) => {
    const cells = line.split(/(?<!\\)\|/).slice(1, -1)
    const [id = '', seen = '', look = '', shows = '', fix = ''] = cells
    if (cells.length !== columns) throw new Error(`${cells.length} cells: ${line}`)
    return {
      id: only(id),
      seen: only(seen),
      look: only(look),
      shows: only(shows),
      fixes: codes(fix),
    }
  })
}

export function rowOf(id: string): Row {
  const row = readRows().find((candidate) => candidate.id === id)
  if (!row) throw new Error(`docs/troubleshooting.md has no row ${id}`)
  return row
}

function codes(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll('\\|', '|'))
}

/** The first code span: the others of a cell are further ways to say it. */
function only(cell: string): string {
  const [code] = codes(cell)
  if (code === undefined) throw new Error(`nothing to look for in the cell ${cell}`)
  return code
}

/** Whether a text has these words; line breaks, spaces and colours do not count. */
export function hasWords(text: string, words: string): boolean {
  // oxlint-disable-next-line no-control-regex
  const plain = text.replaceAll(/\u001b\[[\d;]*m/g, '').replaceAll(/\s+/g, ' ')
  const parts = words.split('…').map((part) => RegExp.escape(part.trim()))
  return new RegExp(parts.join('.*?')).test(plain)
}
