import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createPainter } from '../../../src/cli/live/painter.ts'
import { screenAfter } from '../../support/screen.ts'

/** A terminal of this width with some text above; what it shows is read from what was written. */
function terminal(columns: number) {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns, rows: 24 })
  let written = 'before\n'
  stream.setEncoding('utf8').on('data', (text: string) => void (written += text))
  const painter = createPainter(stream as unknown as NodeJS.WriteStream)
  return {
    stream,
    painter,
    written: () => written,
    shown: () => screenAfter(written, stream.columns),
  }
}

/** How many wait for the end of the process, and for it to be paused. */
const count = () => ['exit', 'SIGTSTP', 'SIGCONT'].map((event) => process.listenerCount(event))

describe('the painter', () => {
  it('draws over what it drew, longer or shorter, and leaves the rest alone', () => {
    const { painter, shown } = terminal(40)
    painter.draw(['one', 'two', 'three'])
    painter.draw(['only'])
    painter.draw(['a', 'b'])
    expect(shown()).toEqual({ lines: ['before', 'a', 'b', ''], cursor: false })
    painter.leave()
    expect(shown()).toEqual({ lines: ['before', 'a', 'b', ''], cursor: true })
  })

  it('writes nothing while nothing changes', () => {
    const { painter, written } = terminal(40)
    painter.draw(['same'])
    const before = written()
    painter.draw(['same'])
    expect(written()).toBe(before)
    painter.leave()
  })

  it('never lets a line wrap', () => {
    const { painter, shown } = terminal(10)
    painter.draw(['0123456789abc', 'next'])
    painter.draw(['0123456789xyz', 'next'])
    expect(shown().lines).toEqual(['before', '01234567…', 'next', ''])
    painter.leave()
  })

  it('takes away what wrapped when the window became narrower', () => {
    const { painter, stream, written } = terminal(40)
    painter.draw(['x'.repeat(30), 'short'])
    const wide = written()
    stream.columns = 20
    painter.draw(['now narrow'])
    // Thirty cells are two rows of twenty.
    expect(written().slice(wide.length)).toContain('\u001b[3A')
    painter.leave()
  })

  it('takes everything away again, and a second end does nothing', () => {
    const { painter, shown, written } = terminal(40)
    painter.draw(['gone'])
    painter.clear()
    expect(shown()).toEqual({ lines: ['before', ''], cursor: true })
    const before = written()
    painter.clear()
    painter.leave()
    expect(written()).toBe(before)
  })

  it('leaves no listener behind', () => {
    const before = count()
    const { painter } = terminal(40)
    painter.draw(['here'])
    expect(count()).not.toEqual(before)
    painter.leave()
    expect(count()).toEqual(before)
  })
})
