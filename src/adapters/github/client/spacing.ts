import type { Runtime } from '../../../ports/runtime.ts'

/** GitHub shuts out who changes things faster than this. */
const apartMs = 1000

/**
 * Lets changes through one after the other, a second apart. By the runtime's clock, which the throttling
 * plugin does not know; a clock that is set back costs no more than the second.
 */
export function spacing({ now, sleep }: Pick<Runtime, 'now' | 'sleep'>) {
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
