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

const person = lock('production', { deployment_id: null, holder: 'human:bob', reason: 'works' })

test("a person's lock is lent to a deployment, and given back by whoever frees it", async () => {
  const store = newStore()
  await store.write(({ locks }) => locks.take(person))
  const { holder, reason, since } = person
  const rollback = lock('production', { deployment_id: 'dep_2' })
  const lent = { ...rollback, lent_by: { holder, reason, since } }
  await store.write(({ locks }) => locks.transfer('production', rollback))
  expect(await store.read(({ locks }) => locks.get('production'))).toEqual(lent)
  // Another rollback that takes over owes it as well.
  const next = lock('production', { deployment_id: 'dep_3' })
  await store.write(({ locks }) => locks.transfer('production', next))
  await store.write(({ locks }) => locks.release('production', 'dep_2'))
  expect(await store.read(({ locks }) => locks.get('production'))).toMatchObject(next)
  await store.write(({ locks }) => locks.release('production', 'dep_3'))
  expect(await store.read(({ locks }) => locks.get('production'))).toEqual(person)
})

test('only exactly the lock that was looked at is removed, lent or not', async () => {
  const store = newStore()
  const remove = (wanted: typeof person) => store.write(({ locks }) => locks.remove(wanted))
  expect(await remove(person)).toBe(false)
  await store.write(({ locks }) => locks.take(person))
  expect(await remove({ ...person, since: 5 })).toBe(false)
  expect(await remove({ ...person, deployment_id: 'dep_1' })).toBe(false)
  const rollback = lock('production', { deployment_id: 'dep_2' })
  await store.write(({ locks }) => locks.transfer('production', rollback))
  expect(await remove(person)).toBe(true)
  expect(await store.read(({ locks }) => locks.get('production'))).toEqual(rollback)
  expect(await remove(rollback)).toBe(true)
  expect(await store.read(({ locks }) => locks.get('production'))).toBeNull()
})

test('who was refused keeps their place, and is forgotten in time', async () => {
  const store = newStore()
  const wait = (waiter: string, at: number, reason = 'deploy v1') =>
    store.write(({ locks }) =>
      locks.wait({
        environment: 'production',
        waiter,
        reason,
        first_refused_at: at,
        last_refused_at: at,
      }),
    )
  await wait('agent:one', 1)
  await wait('agent:two', 2)
  await wait('agent:one', 3, 'deploy v2')
  const waiting = async () =>
    (await store.read(({ locks }) => locks.waiters('production'))).map(
      ({ waiter, reason, first_refused_at, last_refused_at }) =>
        `${waiter} ${reason} ${first_refused_at} ${last_refused_at}`,
    )
  expect(await waiting()).toEqual(['agent:one deploy v2 1 3', 'agent:two deploy v1 2 2'])
  await store.write(({ locks }) => locks.unwait('production', null, 3))
  expect(await waiting()).toEqual(['agent:one deploy v2 1 3'])
  await store.write(({ locks }) => locks.unwait('production', 'agent:one', 0))
  expect(await waiting()).toEqual([])
})
