import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { showLive, type Show } from '../../../src/cli/live/live.ts'
import type { Session } from '../../../src/cli/session.ts'

/** A terminal, and somebody who looks at it; time between two looks takes none. */
function audience() {
  const err = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 })
  const left = new AbortController()
  const runtime = {
    now: () => 0,
    async sleep(_: number, signal: AbortSignal) {
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
    },
  }
  const session = { call: { runtime, signal: left.signal }, surface: { err } }
  return { err, left, session: session as unknown as Session }
}

const written = (stream: PassThrough) => String(stream.read() ?? '')

describe('a live view', () => {
  it('is drawn once at the beginning and once at the end, however often the window changes', async () => {
    const { err, session } = audience()
    let [looks, frames] = [0, 0]
    const show: Show<number> = {
      async look() {
        const changes = looks === 0 ? 0 : 50
        for (let times = 0; times < changes; times++) err.emit('resize')
        return ++looks
      },
      frame: (state) => [`look ${state}, frame ${++frames}`],
      over: (state) => state === 5,
    }
    expect(await showLive(session, show)).toBe(5)
    expect(frames).toBe(2)
    expect(written(err)).toContain('look 5, frame 2')
    expect(err.listenerCount('resize')).toBe(0)
  })

  it('can be left while it waits for an answer, and the cursor is back', async () => {
    const { err, left, session } = audience()
    let looks = 0
    const show: Show<number> = {
      look: () => {
        if (++looks === 1) return Promise.resolve(1)
        setImmediate(() => left.abort(new Error('left')))
        return new Promise<number>(() => undefined)
      },
      frame: () => ['one'],
      over: () => false,
    }
    await expect(showLive(session, show)).rejects.toThrow('left')
    expect(written(err)).toMatch(/\u001b\[\?25h$/) // oxlint-disable-line no-control-regex
  })

  it('gives the cursor back when it breaks', async () => {
    const { err, session } = audience()
    let looks = 0
    const broken: Show<number> = {
      look: async () => {
        if (looks++ > 0) throw new Error('store gone')
        return 1
      },
      frame: () => ['one'],
      over: () => false,
    }
    await expect(showLive(session, broken)).rejects.toThrow('store gone')
    expect(written(err)).toMatch(/\u001b\[\?25h$/) // oxlint-disable-line no-control-regex
  })
})
