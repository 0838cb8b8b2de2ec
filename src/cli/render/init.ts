import { oneLine, sanitize } from '../../core/text.ts'
import type { Summary } from '../../setup/draft/summary.ts'
import type { CommonOptions } from '../session.ts'
import { paletteFor } from '../style.ts'
import type { Surface } from '../surface.ts'
import { pageFor } from './page.ts'
import { renderTable } from './table.ts'

export interface InitResult extends Summary {
  file: string
  /** False when the file was like this before. */
  written: boolean
  next: string[]
}

/** What was found and on what it rests, what is left to do, and the next commands. */
export function printInit(surface: Surface, options: CommonOptions, result: InitResult): void {
  const { file, written, found, missing, next } = result
  if (options.json) {
    const body = { schema_version: 1, file, written, found, missing, next }
    surface.out.write(`${JSON.stringify(body, null, 2)}\n`)
    return
  }
  surface.out.write(written ? `wrote ${file}\n` : `${file} is like this already\n`)
  if (options.quiet) return
  const page = pageFor(surface.err, { now: 0 })
  const { strong } = page.palette
  const rows = found.map(({ what, value, evidence, sure }) => [
    what,
    oneLine(value, 80),
    sure ? 'read' : 'guess',
    oneLine(evidence ?? 'usual', 80),
  ])
  const columns = ['found', 'value', 'how', 'from'].map((name) => ({ name }))
  const gaps = missing.map(({ what, how }) => [oneLine(what, 80), oneLine(how, 80)])
  const lines = [
    '',
    ...renderTable(columns, rows, page),
    '',
    strong('Fill in what was not found:'),
    ...renderTable([{ name: 'what' }, { name: 'where' }], gaps, page),
    '',
    strong('Next:'),
    ...next.map((command) => `  ${command}`),
  ]
  surface.err.write(`${lines.join('\n')}\n`)
}

/** The difference as it would be applied; the old text is untrusted, as every file is. */
export function printDifference({ err }: Surface, difference: string | null): void {
  const { good, bad, faint } = paletteFor(err)
  if (difference === null) {
    err.write('the two texts have too little in common to show a difference\n')
    return
  }
  for (const line of sanitize(difference).trimEnd().split('\n')) {
    const paint = line.startsWith('+') ? good : line.startsWith('-') ? bad : faint
    err.write(`${paint(line)}\n`)
  }
}
