import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { userInfo } from 'node:os'
import { expect, it } from 'vitest'
import { newId } from '../../../src/adapters/runtime/id.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import { userName } from '../../../src/adapters/runtime/user.ts'

const runtime = createRuntime()

const unlisted = () => {
  throw new Error('ENOENT')
}

it('makes ids that sort by time and never repeat', () => {
  const random = new Uint8Array(10).fill(255)
  const early = newId('dep', 1_700_000_000_000, random)
  const late = newId('dep', 1_700_000_000_001, new Uint8Array(10))
  expect(early).toBe('dep_01hf7yat00zzzzzzzzzzzzzzzz')
  expect(early < late).toBe(true)

  const ids = Array.from({ length: 1000 }, () => runtime.id('dep'))
  expect(new Set(ids).size).toBe(1000)
  for (const id of ids) expect(id).toMatch(/^dep_[0-9a-hjkmnp-tv-z]{26}$/)
})

it('hashes text as UTF-8', () => {
  expect(runtime.sha256('€')).toBe(
    'c4cc90ed3d26f12d4b08a75140970a7904035c31cbb4515a83f19b9003c00d1d',
  )
})

it('names the user, also one that no list of users has', () => {
  expect(runtime.userName()).toBe(userInfo().username)
  expect(userName(unlisted)).toBe(`uid-${process.getuid!()}`)
})

it('compares secrets of any length', () => {
  expect(runtime.sameSecret('secret', 'secret')).toBe(true)
  expect(runtime.sameSecret('secret', 'secret2')).toBe(false)
  expect(runtime.sameSecret('', 'secret')).toBe(false)
})

it('sleeps no longer than its caller cares', async () => {
  const reason = new Error('left')
  const controller = new AbortController()
  const slept = runtime.sleep(2 ** 40, controller.signal)
  controller.abort(reason)
  await expect(slept).rejects.toBe(reason)
  await expect(runtime.sleep(0, controller.signal)).rejects.toBe(reason)
  await expect(runtime.sleep(1)).resolves.toBeUndefined()
})

it('tells listeners which point was reached', () => {
  const points: unknown[] = []
  const listen = (message: unknown) => points.push(message)
  subscribe('gonogo.step', listen)
  runtime.reached('admit.recorded')
  unsubscribe('gonogo.step', listen)
  runtime.reached('admit.unheard')
  expect(points).toEqual([{ point: 'admit.recorded' }])
})
