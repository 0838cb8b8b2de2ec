import { oneLine } from '../../core/text.ts'
import { showElapsed } from '../duration.ts'
import { paletteFor } from '../style.ts'
import { bar } from './bar.ts'
import { createPainter } from './painter.ts'

/** The one line that says what a long command is at. */
export interface ProgressLine {
  show(message: string, done?: number, total?: number): void
  /** Takes the line away, so that something else can be written. */
  clear(): void
}

export function createProgressLine(stream: NodeJS.WriteStream, now: () => number): ProgressLine {
  const painter = createPainter(stream)
  const { faint } = paletteFor(stream)
  let timer: NodeJS.Timeout | undefined
  let started = 0
  let text = ''
  const draw = () => painter.draw([faint(`${text}  ${showElapsed(now() - started)}`)])
  return {
    show(message, done, total) {
      if (timer === undefined) {
        started = now()
        timer = setInterval(draw, 1000)
        // Whoever forgets to clear it is not kept alive by it.
        timer.unref()
      }
      text = progressText(message, done, total)
      draw()
    },
    clear() {
      clearInterval(timer)
      timer = undefined
      painter.clear()
    },
  }
}

/** A bar only where the work was counted, and there is more than one piece of it. */
export function progressText(message: string, done?: number, total?: number): string {
  const what = oneLine(message, 100)
  if (done === undefined || total === undefined || total < 2) return what
  return `${bar(done, total)} ${done}/${total}  ${what}`
}
