import { expect, test } from 'vitest'
import { newStore, storeIn, temporaryDirectory } from '../fixture.ts'
import { lock } from '../rows.ts'

test('an environment has one lock, which says who holds it and why', async () => {
  const store = newStore()
  const first = lock('production')
  const second = lock('production', { deployment_id: 'dep_2' })
  expect(await store.write(({ locks }) => locks.take(first))).toBe(true)
  expect(await store.write(({ locks }) => locks.take(second))).toBe(false)
  expect(await store.write(({ locks }) => locks.take(lock('staging')))).toBe(true)
  expect(await store.read(({ locks }) => locks.get('production'))).toEqual(first)
  expect(await store.read(({ locks }) => locks.get('preview'))).toBeNull()
})

test('of many takers at once exactly one gets it', async () => {
  const directory = temporaryDirectory()
  const taken = await Promise.all(
    ['dep_1', 'dep_2', 'dep_3', 'dep_4'].map((deployment_id) =>
      storeIn(directory).write(({ locks }) => locks.take(lock('production', { deployment_id }))),
    ),
  )
  expect(taken.filter(Boolean)).toHaveLength(1)
})

test('only its holder releases it', async () => {
  const store = newStore()
  await store.write(({ locks }) => locks.take(lock('production')))
  await store.write(({ locks }) => locks.release('production', 'dep_2'))
  expect(await store.read(({ locks }) => locks.get('production'))).not.toBeNull()
  await store.write(({ locks }) => locks.release('production', 'dep_1'))
  expect(await store.read(({ locks }) => locks.get('production'))).toBeNull()
})

test('a held lock is handed over without a moment in which it is free', async () => {
  const store = newStore()
  const next = lock('production', { deployment_id: 'dep_2', reason: 'rollback', since: 2_000 })
  await expect(store.write(({ locks }) => locks.transfer('production', next))).rejects.toThrow(
    'no lock on production to hand over',
  )
  await store.write(({ locks }) => locks.take(lock('production')))
  await store.write(({ locks }) => locks.transfer('production', next))
  expect(await store.read(({ locks }) => locks.get('production'))).toEqual(next)
})

test('a project does not see the locks of another', async () => {
  const directory = temporaryDirectory()
  const [clinic, other] = [storeIn(directory), storeIn(directory, 'other')]
  await clinic.write(({ locks }) => locks.take(lock('production')))
  expect(await other.read(({ locks }) => locks.get('production'))).toBeNull()
  await other.write(({ locks }) => locks.release('production', 'dep_1'))
  expect(await other.write(({ locks }) => locks.take(lock('production')))).toBe(true)
  expect(await clinic.read(({ locks }) => locks.get('production'))).not.toBeNull()
})
