import { sizeOf } from '../terminal.ts'
import { fit, widthOf } from '../width.ts'
import { hideCursor } from './cursor.ts'

const eraseRestOfLine = '\u001b[K'
const eraseBelow = '\u001b[J'

/** Lines at the end of a terminal's text that are drawn over. No alternate screen: what was drawn last stays. */
export interface Painter {
  /** Replaces what was drawn; nothing is written when it is there already. */
  draw(lines: readonly string[]): void
  /** Takes away what was drawn, and the cursor is back. */
  clear(): void
  /** Leaves what was drawn where it is, and the cursor is back. */
  leave(): void
}

export function createPainter(stream: NodeJS.WriteStream): Painter {
  /** As they were written: in a terminal that became narrower each may take several rows now. */
  let drawn: string[] = []
  let showCursor: (() => void) | null = null

  function leave(): void {
    showCursor?.()
    showCursor = null
    drawn = []
  }
  return {
    leave,
    draw(lines) {
      const { columns } = sizeOf(stream)
      // The last column stays free: a line that fills it leaves the cursor in either row.
      const next = lines.map((line) => fit(line, columns - 1))
      if (next.join('\n') === drawn.join('\n')) return
      // In a pause the shell writes below: what was drawn belongs to the past then.
      showCursor ??= hideCursor(stream, () => (drawn = []))
      const text = next.map((line) => `${line}${eraseRestOfLine}\n`).join('')
      stream.write(`${backTo(drawn, columns)}${text}${eraseBelow}`)
      drawn = next
    },
    clear() {
      if (showCursor) stream.write(`${backTo(drawn, sizeOf(stream).columns)}${eraseBelow}`)
      leave()
    },
  }
}

/** Moves the cursor to where the first of these lines begins. */
function backTo(lines: readonly string[], columns: number): string {
  const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0)
  return rows === 0 ? '\r' : `\r\u001b[${rows}A`
}
