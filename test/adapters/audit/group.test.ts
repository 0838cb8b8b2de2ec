import { readFileSync, readdirSync, rmSync, mkdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createQueue } from '../../../src/adapters/audit/queue.ts'
import type { Wish } from '../../../src/adapters/audit/batch.ts'
import type { AuditLine } from '../../../src/core/audit.ts'
import { event, logOf } from './fixtures.ts'

const lineOf = (wish: Wish) => ({ line: wish.event as AuditLine })

const isAboutDep2 = (line: AuditLine) => line.correlation_id === 'dep_2'

describe('appends at the same time', () => {
  it('are written together: those that come meanwhile with the next write', async () => {
    const writes: number[] = []
    const gate = Promise.withResolvers<void>()
    const append = createQueue(async (more) => {
      const wishes = [...more()]
      writes.push(wishes.length)
      if (writes.length === 1) await gate.promise
      return wishes.map(lineOf)
    })
    const first = Array.from({ length: 20 }, () => append({ event: event() }))
    await Promise.resolve()
    await Promise.resolve()
    const later = Array.from({ length: 44 }, () => append({ event: event() }))
    gate.resolve()
    await Promise.all([...first, ...later])
    expect(writes).toEqual([20, 44])
  })

  it('also take along what came while the lock was waited for', async () => {
    const lock = Promise.withResolvers<void>()
    const append = createQueue(async (more) => {
      await lock.promise
      return more().map(lineOf)
    })
    const first = append({ event: event({ request_id: 'first' }) })
    await new Promise((resolve) => setImmediate(resolve))
    const second = append({ event: event({ request_id: 'second' }) })
    lock.resolve()
    expect((await first).request_id).toBe('first')
    expect((await second).request_id).toBe('second')
  })

  it('all fail when their write fails, and the next ones do not', async () => {
    let failing = true
    const append = createQueue(async (more) => {
      const wishes = more()
      if (failing) throw new Error('disk full')
      return wishes.map(lineOf)
    })
    const results = await Promise.allSettled([
      append({ event: event() }),
      append({ event: event() }),
    ])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    failing = false
    await expect(append({ event: event() })).resolves.toMatchObject({ phase: 'result' })
  })
})

describe('64 appends to a log', () => {
  it('are one chain, each answered with its own line, in one write', async () => {
    const log = await logOf(0)
    const asked = Array.from({ length: 64 }, (_, number) => event({ request_id: `req_${number}` }))
    const lines = await Promise.all(asked.map((each) => log.append(each)))
    expect(lines.map(({ request_id }) => request_id)).toEqual(asked.map((each) => each.request_id))
    expect(lines.map(({ seq }) => seq)).toEqual(asked.map((_, index) => index + 1))
    const written = readFileSync(log.path, 'utf8').trimEnd().split('\n')
    expect(written.map((text) => JSON.parse(text) as unknown)).toEqual(lines)
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 64 })
  })

  it('leave out only the one that fits no line', async () => {
    const log = await logOf(0)
    const long = event({ details: { reason: 'x'.repeat(70_000) } })
    const results = await Promise.allSettled(
      [event(), long, event()].map((each) => log.append(each)),
    )
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 2 })
  })

  it('leave nothing when the log cannot be written, and all of them say so', async () => {
    const log = await logOf(1)
    rmSync(log.path)
    mkdirSync(log.path)
    const results = await Promise.allSettled(Array.from({ length: 9 }, () => log.append(event())))
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'audit_unavailable' } })
    expect(readdirSync(log.path)).toEqual([])
  })

  it('write what must be there once only once, also within one write', async () => {
    const log = await logOf(1)
    const ended = event({ correlation_id: 'dep_2' })
    const lines = await Promise.all(
      Array.from({ length: 5 }, () => log.appendOnce(ended, isAboutDep2)),
    )
    expect(new Set(lines.map(({ seq }) => seq))).toEqual(new Set([2]))
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 2 })
  })
})
