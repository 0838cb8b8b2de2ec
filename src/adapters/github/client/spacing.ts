import type { Runtime } from '../../../ports/runtime.ts'

/**
 * Lets changes through one after the other, so far apart: GitHub shuts out who is faster. By the runtime's
 * clock, which the throttling plugin does not know; a clock that is set back costs no more than that time.
 */
export function spacing({ now, sleep }: Pick<Runtime, 'now' | 'sleep'>, apartMs: number) {
  let last = -Infinity
  let turn: Promise<void> = Promise.resolve()
  const passed = async (before: Promise<void>) => {
    await before
    const wait = Math.min(apartMs, last + apartMs - now())
    if (wait > 0) await sleep(wait)
    last = now()
  }
  const schedule = async (_options: object, work: () => Promise<unknown>) => {
    turn = passed(turn)
    await turn
    return await work()
  }
  return { key: () => ({ schedule }) }
}
