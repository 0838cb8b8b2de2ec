// oxlint-disable-next-line no-control-regex
const pieces = /\u001b\[([?\d;]*)([A-Za-z])|[^]/gu

/** What a terminal shows after this output: the few sequences that gonogo writes, in a window of this width. */
export function screenAfter(output: string, columns: number): { lines: string[]; cursor: boolean } {
  const lines: string[] = ['']
  let [row, column, cursor] = [0, 0, true]
  const put = (text: string) => {
    if (column === columns) [row, column] = [row + 1, 0]
    const line = (lines[row] ?? '').padEnd(column)
    lines[row] = line.slice(0, column) + text + line.slice(column + 1)
    column++
  }
  const obey = (count: number, command: string, mode: string) => {
    if (command === 'A') row = Math.max(0, row - (count || 1))
    if (command === 'K') lines[row] = (lines[row] ?? '').slice(0, column)
    if (command === 'J') lines.splice(row, Infinity, (lines[row] ?? '').slice(0, column))
    if (mode === '?25') cursor = command === 'h'
  }
  for (const [piece, mode = '', command = ''] of output.matchAll(pieces)) {
    if (command) obey(Number(mode), command, mode)
    else if (piece === '\n') [row, column] = [row + 1, 0]
    else if (piece === '\r') column = 0
    else put(piece)
    lines[row] ??= ''
  }
  return { lines: lines.map((line) => line.trimEnd()), cursor }
}
