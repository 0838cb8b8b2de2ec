import { expect, test } from 'vitest'
import { newStore, storeIn, temporaryDirectory } from '../fixture.ts'

const hold = {
  environment: 'production',
  sha: 'a'.repeat(40),
  version: 'v1.4.0',
  reason: 'rolled back by dep_2',
  since: 1_000,
}

test('a held release is listed until it is let go', async () => {
  const store = newStore()
  await store.write(({ holds }) => holds.insert(hold))
  expect(await store.read(({ holds }) => holds.list('production'))).toEqual([hold])
  expect(await store.read(({ holds }) => holds.list('staging'))).toEqual([])
  expect(await store.write(({ holds }) => holds.remove('staging', hold.sha))).toBe(false)
  expect(await store.write(({ holds }) => holds.remove('production', hold.sha))).toBe(true)
  expect(await store.write(({ holds }) => holds.remove('production', hold.sha))).toBe(false)
  expect(await store.read(({ holds }) => holds.list('production'))).toEqual([])
})

test('rolling back from a held release again keeps it held, for the later reason', async () => {
  const store = newStore()
  const older = { ...hold, sha: 'b'.repeat(40), since: 500 }
  const again = { ...hold, reason: 'rolled back by dep_4', since: 2_000 }
  for (const row of [hold, older, again]) await store.write(({ holds }) => holds.insert(row))
  expect(await store.read(({ holds }) => holds.list('production'))).toEqual([again, older])
})

test('a project does not hold the releases of another', async () => {
  const directory = temporaryDirectory()
  const [clinic, other] = [storeIn(directory), storeIn(directory, 'other')]
  await clinic.write(({ holds }) => holds.insert(hold))
  expect(await other.read(({ holds }) => holds.list('production'))).toEqual([])
  expect(await other.write(({ holds }) => holds.remove('production', hold.sha))).toBe(false)
})
