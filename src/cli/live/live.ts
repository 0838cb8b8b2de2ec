import { lookEveryMs } from '../../core/pace.ts'
import { paletteFor } from '../style.ts'
import type { Session } from '../session.ts'
import { sizeOf } from '../terminal.ts'
import { createPainter } from './painter.ts'
import type { Canvas } from './view.ts'

/** A window that is dragged reports a new size dozens of times a second. */
const leastRedrawMs = 200

/** What a live view shows and when it is over. */
export interface Show<S> {
  look: () => Promise<S>
  frame: (state: S, canvas: Canvas) => string[]
  over: (state: S) => boolean
}

/** Shows something until it is over; what was drawn last stays. Rejects when it is interrupted. */
export async function showLive<S>({ call, surface }: Session, show: Show<S>): Promise<S> {
  const painter = createPainter(surface.err)
  const palette = paletteFor(surface.err)
  let state: { current: S } | null = null
  const redraw = () => {
    if (!state) return
    const canvas = { ...sizeOf(surface.err), now: call.runtime.now(), palette }
    painter.draw(show.frame(state.current, canvas))
  }
  const calm = calmly(redraw)
  const clock = setInterval(calm.ask, 1000)
  surface.err.on('resize', calm.ask)
  try {
    for (;;) {
      state = { current: await unlessAborted(show.look(), call.signal) }
      if (show.over(state.current)) {
        redraw()
        return state.current
      }
      calm.ask()
      await call.runtime.sleep(lookEveryMs(call.pipeline?.pace), call.signal)
    }
  } finally {
    clearInterval(clock)
    surface.err.off('resize', calm.ask)
    calm.stop()
    painter.leave()
  }
}

/** A look may wait for a live system that does not answer; whoever leaves does not. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const left = Promise.withResolvers<never>()
  const leave = () => left.reject(signal.reason as Error)
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave)
  work.catch(() => undefined)
  try {
    return await Promise.race([work, left.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

/** Does it at once, but never twice within a fifth of a second. */
function calmly(work: () => void): { ask: () => void; stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  let asked = false
  const rest = () => {
    timer = undefined
    if (asked) ask()
  }
  function ask(): void {
    asked = timer !== undefined
    if (asked) return
    work()
    timer = setTimeout(rest, leastRedrawMs)
  }
  return { ask, stop: () => clearTimeout(timer) }
}
