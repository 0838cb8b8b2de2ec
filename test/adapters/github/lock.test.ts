import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createPlatformLock } from '../../../src/adapters/github/lock/lock.ts'
import type { PlatformHolder, PlatformLock } from '../../../src/ports/pipeline.ts'
import { api } from './approvals/said.ts'
import { openBench, type Bench } from './bench.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterEach(async () => {
  bench.hub.settings.missingPermissions.clear()
  bench.hub.faults.length = 0
  const held = await machine('any').holder('production')
  if (held) await machine('any').release('production', held.id)
  expect(bench.hub.violations).toEqual([])
})
afterAll(() => bench[Symbol.asyncDispose]())

/** gonogo on a machine with a state directory of its own. */
function machine(name: string, lock: 'auto' | 'required' = 'auto'): PlatformLock {
  const parts = bench.parts({ stateDirectory: join(bench.state, name) })
  return createPlatformLock({ ...parts, settings: { lock } })
}

function holder(id: string, change: Partial<PlatformHolder> = {}): PlatformHolder {
  const since = Date.parse('2026-11-01T11:00:00Z')
  return { environment: 'production', id, holder: 'agent:claude', reason: 'v1', since, ...change }
}

const over = ({ id }: PlatformHolder) => id === 'dep_a'
const free = { held_by: null, problem: null }

it('is had by one of many that take it at once, and the others read who has it', async () => {
  const ids = ['dep_a', 'dep_b', 'dep_c', 'dep_d']
  const taken = await Promise.all(ids.map((id) => machine(id).take(holder(id))))
  const winners = ids.filter((_, index) => taken[index]!.held_by === null)
  expect(winners).toHaveLength(1)
  for (const one of taken) expect(one.held_by?.id ?? winners[0]).toBe(winners[0])
  expect(await machine('other').holder('production')).toEqual(holder(winners[0]!))
  expect(await machine('other').holder('staging')).toBeNull()
})

it('is taken again by its own holder, after a crash or a lost answer, and freed by its id only', async () => {
  const own = machine('own')
  bench.fault({ method: 'POST', path: /git\/refs$/, kind: { type: 'lose_answer' } })
  expect(await own.take(holder('dep_a'))).toEqual(free)
  expect(await machine('later').take(holder('dep_a'))).toEqual(free)
  await own.release('production', 'dep_b')
  expect((await own.take(holder('dep_b'))).held_by).toEqual(holder('dep_a'))
  await own.release('production', 'dep_a')
  await own.release('production', 'dep_a')
  expect(await machine('other').take(holder('dep_b'))).toEqual(free)
})

it('is not gone without because of a limit', async () => {
  bench.fault({
    method: 'POST',
    path: /git\/commits$/,
    kind: { type: 'status', status: 403, headers: { 'retry-after': '600' } },
  })
  await expect(machine('limited').take(holder('dep_a'))).rejects.toMatchObject({
    code: 'rate_limited',
    retryable: true,
  })
  expect(await machine('limited').problem()).toBeNull()
})

it('is handed over without a moment in which it is free, to one of two', async () => {
  await machine('own').take(holder('dep_a'))
  const [left, right] = await Promise.all([
    machine('own').take(holder('dep_b'), over),
    machine('own').take(holder('dep_c'), over),
  ])
  expect([left, right].filter(({ held_by }) => held_by === null)).toHaveLength(1)
  const refs = bench.hub.requests.filter(({ path }) => path.includes('gonogo%2Flocks'))
  expect(
    refs.some(({ method, body }) => method === 'PATCH' && JSON.stringify(body).includes('true')),
  ).toBe(false)
  // The old holder that ends now takes nothing from the new one.
  await machine('own').release('production', 'dep_a')
  expect((await machine('own').holder('production'))?.id).toMatch(/^dep_[bc]$/)
})

it('that somebody wrote by hand is held, too', async () => {
  const { token } = bench.hub
  const ref = 'refs/gonogo/locks/production'
  await api(bench.hub, token, 'POST', '/git/refs', { ref, sha: bench.sha })
  const { held_by } = await machine('own').take(holder('dep_a'))
  expect(held_by).toMatchObject({ id: bench.sha, holder: 'somebody gonogo does not know' })
  await machine('own').release('production', bench.sha)
})

it('is gone without where the token may not write refs, and that is told from then on', async () => {
  bench.hub.settings.missingPermissions.add('contents=write')
  const own = machine('poor')
  expect(await own.problem()).toBeNull()
  const { held_by, problem } = await own.take(holder('dep_a'))
  expect({ held_by, problem }).toEqual({
    held_by: null,
    problem: expect.stringMatching(/GitHub keeps no lock: .*lacks contents=write/),
  })
  expect(await own.problem()).toBe(problem)
  expect(await readFile(join(bench.state, 'poor/github/lock-refused'), 'utf8')).toBe(problem)
  await expect(machine('poor', 'required').take(holder('dep_a'))).rejects.toMatchObject({
    code: 'not_permitted',
  })
  bench.hub.settings.missingPermissions.clear()
  expect(await own.take(holder('dep_a'))).toEqual(free)
  expect(await own.problem()).toBeNull()
})

it('is not taken for granted when GitHub does not answer', async () => {
  const kind = { type: 'status', status: 502 } as const
  bench.fault({ method: 'POST', path: /git\/commits$/, kind, times: 9 })
  await expect(machine('own').take(holder('dep_a'))).rejects.toMatchObject({ retryable: true })
})
