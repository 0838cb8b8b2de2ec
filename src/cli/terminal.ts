import type { CommonOptions } from './session.ts'
import type { Surface } from './surface.ts'

/** What is assumed of a terminal that does not tell. */
const usual = { columns: 80, rows: 24 }

/** How wide lines may be: whoever reads a pipe or a file wants all of them. */
export function columnsOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? sizeOf(stream).columns : Infinity
}

export function sizeOf({ columns, rows }: NodeJS.WriteStream): { columns: number; rows: number } {
  return { columns: columns || usual.columns, rows: rows || usual.rows }
}

/** Whether lines on stderr may be drawn over: there is a terminal that can, and somebody who looks. */
export function canRedraw({ err, env }: Surface, { json, quiet }: CommonOptions): boolean {
  return err.isTTY && env.TERM !== 'dumb' && !json && !quiet
}
