import { describe, expect, it } from 'vitest'
import { withinLimit } from '../../../src/tools/support/limit.ts'

const never = () => new Promise<never>(() => undefined)

describe('work within a limit', () => {
  it('answers with what it came to', async () => {
    expect(await withinLimit(60_000, undefined, async () => 'done')).toBe('done')
  })

  it('is told when the limit is reached, and is not waited for if it does not listen', async () => {
    let told: AbortSignal | undefined
    const result = await withinLimit(20, undefined, (signal) => {
      told = signal
      return never()
    })
    expect([result, told?.aborted]).toEqual([null, true])
  })

  it('ends with what is around it, even before it begins', async () => {
    const outer = new AbortController()
    const waiting = withinLimit(60_000, outer.signal, never)
    outer.abort()
    expect(await waiting).toBeNull()
    let began = false
    await withinLimit(60_000, outer.signal, async () => (began = true))
    expect(began).toBe(false)
  })

  it('fails as the work fails, and is late when the work fails because it was told to end', async () => {
    const broken = withinLimit(60_000, undefined, () => Promise.reject(new Error('broken')))
    await expect(broken).rejects.toThrow('broken')
    const ended = withinLimit(20, undefined, async (signal) => {
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
    })
    expect(await ended).toBeNull()
  })
})
