import { beforeEach, describe, expect, it } from 'vitest'
import type { Deployment } from '../../src/core/deployment.ts'
import { Failure } from '../../src/core/failure.ts'
import type { Call } from '../../src/ports/context.ts'
import { keep, reconcile } from '../../src/workers/keeper.ts'
import { deployment } from '../adapters/store/rows.ts'
import { hour, makeWorld, type World } from '../support/fake-context.ts'

const lease = { owner: 'keeper pid 7', ms: 24 * hour }
const other = 'keeper pid 8 on here since then'

let world: World
let call: Call
beforeEach(() => {
  world = makeWorld()
  call = world.call
})

/** Has run and only has to be closed, so that one turn ends it. */
async function given(changes: Partial<Deployment> = {}): Promise<void> {
  const settled = { phase: 'closing', status: 'success', due_at: 0 } as const
  const row = deployment('dep_1', { ...settled, ...changes })
  await call.store.write((tables) => tables.deployments.insert(row))
}

const heldFor = (ms: number): Partial<Deployment> => ({
  lease_owner: other,
  lease_until: call.runtime.now() + ms,
  fence: 3,
})
const rowOf = async () => (await call.store.read((tables) => tables.deployments.get('dep_1')))!
const dead = (): Partial<Call> => ({
  keepers: { ...call.keepers, mayLive: async (owner) => owner !== other },
})
const kept = (context: Call, log: string[] = []) =>
  keep(context, lease, 'dep_1', (line) => log.push(line))

describe('a lease of another process', () => {
  it('is taken over at once when that process is provably gone', async () => {
    await given(heldFor(hour))
    const before = call.runtime.now()
    expect(await kept({ ...call, ...dead() })).toBe('ended')
    expect(call.runtime.now() - before).toBeLessThan(hour / 10)
    // Freed, then claimed: either way whoever held it can write no more.
    expect((await rowOf()).fence).toBe(5)
  })

  it('is taken over by whoever looks after everything, too', async () => {
    await given(heldFor(hour))
    const done = new AbortController()
    const watching = reconcile({ ...call, ...dead(), signal: done.signal }, lease, () => undefined)
    for (let looks = 0; looks < 200 && (await rowOf()).phase !== 'ended'; looks++) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    done.abort()
    await watching
    expect(await rowOf()).toMatchObject({ phase: 'ended' })
  })

  it('is waited for when that process may live, and then taken', async () => {
    await given(heldFor(hour / 10))
    const until = (await rowOf()).lease_until
    expect(await kept(call)).toBe('ended')
    expect(call.runtime.now()).toBeGreaterThanOrEqual(until)
  })

  it('is left alone when it is renewed', async () => {
    await given(heldFor(hour))
    let looks = 0
    const read: Call['store']['read'] = async (work) => {
      if (++looks === 3) {
        const lease_until = call.runtime.now() + 2 * hour
        await call.store.write((tables) => tables.deployments.update('dep_1', 3, { lease_until }))
      }
      return call.store.read(work)
    }
    expect(await kept({ ...call, store: { ...call.store, read } })).toBe('watched_by_another')
    expect(await rowOf()).toMatchObject({ lease_owner: other, phase: 'closing' })
  })

  it('is not freed when somebody took it over in the meantime', async () => {
    await given(heldFor(hour))
    const third = 'keeper pid 9 on here since now'
    const mayLive = async (owner: string) => {
      if (owner !== other) return true
      const lease_until = call.runtime.now() + hour
      await call.store.write(async (tables) => {
        await tables.deployments.fenceOff('dep_1')
        await tables.deployments.update('dep_1', 4, { lease_owner: third, lease_until })
      })
      return false
    }
    const stopped = new AbortController()
    const signal = stopped.signal
    const log: string[] = []
    const keeping = keep(
      { ...call, signal, keepers: { ...call.keepers, mayLive } },
      lease,
      'dep_1',
      (line) => log.push(line),
    )
    await new Promise((resolve) => setImmediate(resolve))
    stopped.abort()
    await keeping
    expect(log).toEqual([])
    expect(await rowOf()).toMatchObject({ lease_owner: third, fence: 4 })
  })
})

describe('trouble', () => {
  const busy = new Failure({ code: 'store_unavailable', message: 'the disk is full', hint: '' })
  const full = () => Promise.reject(busy)

  it('with the store costs turns, not the keeper', async () => {
    await given()
    let calls = 0
    const write: Call['store']['write'] = (work) =>
      ++calls < 5 ? Promise.reject(busy) : call.store.write(work)
    const log: string[] = []
    expect(await kept({ ...call, store: { ...call.store, write } }, log)).toBe('ended')
    expect(log).toEqual(Array.from({ length: 4 }, () => 'dep_1: the disk is full'))
  })

  it('that does not end makes it give up, and leaves the deployment where it was', async () => {
    await given()
    const log: string[] = []
    expect(await kept({ ...call, audit: { ...call.audit, appendOnce: full } }, log)).toBe('gave_up')
    expect(await rowOf()).toMatchObject({ phase: 'closing', status: 'success' })
    // Time enough for somebody to make room: it waits longer from one attempt to the next.
    expect((await rowOf()).attempt).toBe(log.length)
    expect(log.length).toBeGreaterThan(20)
  })
})
