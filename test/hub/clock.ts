import type { HubTimers } from './operation.ts'

interface Due {
  time: number
  act: () => void | Promise<void>
}

/**
 * The hub's clock: it runs by itself, or stands until it is moved. What is due happens in order of time,
 * one after the other, so that a minute that is skipped goes as a minute that passes.
 */
export interface Clock extends HubTimers {
  stop(): void
}

export function startClock(
  options: { start?: number; manual?: boolean },
  onError: (error: unknown) => void,
): Clock {
  const manual = options.manual === true
  const start = options.start ?? Date.now()
  let offset = start - Date.now()
  let standing = start
  let due: Due[] = []
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let turn: Promise<void> = Promise.resolve()
  const working = new Set<Promise<unknown>>()

  const now = () => (manual ? standing : Date.now() + offset)

  const settle = async () => {
    while (working.size > 0) await Promise.allSettled(working)
  }

  const next = (until: number): Due | undefined => {
    const [first] = due.toSorted((a, b) => a.time - b.time)
    if (stopped || first === undefined || first.time > until) return undefined
    due = due.filter((entry) => entry !== first)
    return first
  }

  // A running clock does not wait for work: a job that takes long does not stop the others.
  const happen = async (until: number) => {
    for (;;) {
      if (manual) await settle()
      const entry = next(until)
      if (entry === undefined) return
      if (manual) standing = Math.max(standing, entry.time)
      try {
        await entry.act()
      } catch (error) {
        onError(error)
      }
    }
  }

  const wake = () => {
    clearTimeout(timer)
    const times = due.map(({ time }) => time)
    if (stopped || times.length === 0) return
    const wait = Math.min(...times) - now()
    if (manual && wait > 0) return
    timer = setTimeout(drain, Math.min(Math.max(0, wait), 2 ** 31 - 1))
  }

  const drain = () => {
    turn = turn.then(() => happen(now())).then(wake)
  }

  return {
    now,
    iso: (time = now()) => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
    at(time, act) {
      const entry = { time, act }
      due.push(entry)
      wake()
      return () => {
        due = due.filter((other) => other !== entry)
      }
    },
    during(work) {
      const watched = work.finally(() => working.delete(watched))
      working.add(watched)
      // Whoever asked for the work sees its failure; the clock only waits for the end.
      watched.catch(() => undefined)
      return watched
    },
    async advance(ms) {
      const mine = turn.then(async () => {
        if (!manual) offset += ms
        const target = manual ? standing + ms : now()
        await happen(target)
        if (manual) standing = Math.max(standing, target)
        wake()
      })
      turn = mine
      await mine
    },
    stop() {
      stopped = true
      due = []
      clearTimeout(timer)
    },
  }
}
