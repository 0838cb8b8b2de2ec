import { setTimeout as delay } from 'node:timers/promises'

/** Polls until there is an answer; fails with a name instead of hanging. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  withinMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answer = await look()
    if (answer !== null && answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await delay(50)
  }
}
