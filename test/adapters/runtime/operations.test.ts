import { describe, expect, it } from 'vitest'
import { createOperations } from '../../../src/adapters/runtime/operations.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'

/** Work that ends when the test says so, and counts how often it was begun. */
function workToEnd() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const work = { begun: 0, end: resolve, fail: reject, run: () => ((work.begun += 1), promise) }
  return work
}

const at = (key: string, run: () => Promise<string>, waitMs = 0) => ({ key, waitMs, work: run })

describe('joining long work', () => {
  it('answers at once with what is done in time', async () => {
    const operations = createOperations(createRuntime())
    const outcome = await operations.join(at('a', async () => 'done', 1000))
    expect(outcome).toEqual({ done: true, result: 'done' })
  })

  it('hands out a handle when the time is up, and the same call joins the same work', async () => {
    const operations = createOperations(createRuntime())
    const work = workToEnd()
    const first = await operations.join(at('a', work.run))
    const second = await operations.join(at('a', work.run))
    expect(first).toMatchObject({ done: false })
    expect(second).toEqual(first)
    work.end('late')
    expect(await operations.join(at('a', work.run, 1000))).toEqual({ done: true, result: 'late' })
    expect(work.begun).toBe(1)
  })

  it('begins anew once a result was handed out', async () => {
    const operations = createOperations(createRuntime())
    await operations.join(at('a', async () => 'first', 1000))
    const again = await operations.join(at('a', async () => 'second', 1000))
    expect(again).toEqual({ done: true, result: 'second' })
  })

  it('keeps other keys apart', async () => {
    const operations = createOperations(createRuntime())
    const work = workToEnd()
    await operations.join(at('a', work.run))
    expect(await operations.join(at('b', async () => 'b', 1000))).toEqual({
      done: true,
      result: 'b',
    })
    work.end('a')
  })

  it('lets a caller who leaves leave, and the work go on', async () => {
    const operations = createOperations(createRuntime())
    const work = workToEnd()
    const leaving = new AbortController()
    const waiting = operations.join({ ...at('a', work.run, Infinity), signal: leaving.signal })
    leaving.abort()
    expect(await waiting).toMatchObject({ done: false })
    work.end('kept')
    expect(await operations.join(at('a', work.run, 1000))).toEqual({ done: true, result: 'kept' })
    expect(work.begun).toBe(1)
  })

  it('tells a failure to whoever joins, and forgets it then', async () => {
    const operations = createOperations(createRuntime())
    const work = workToEnd()
    await operations.join(at('a', work.run))
    work.fail(new Error('broken'))
    await expect(operations.join(at('a', work.run, 1000))).rejects.toThrow('broken')
    expect(await operations.join(at('a', async () => 'anew', 1000))).toMatchObject({
      result: 'anew',
    })
  })
})
