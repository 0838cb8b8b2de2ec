import { expect, test } from 'vitest'
import { newStore, storeIn, temporaryDirectory } from '../fixture.ts'

const owed = (deployment_id: string, owed_since: number) => ({
  deployment_id,
  environment: 'production',
  gates: ['runs_on_staging', 'freeze_window'],
  reason: 'login is down',
  owed_since,
  review_statement: null,
  review_signature: null,
  reviewed_by: null,
  reviewed_at: null,
})
const review = {
  review_statement: '{}',
  review_signature: 'signed',
  reviewed_by: 'bob',
  reviewed_at: 9,
}

test('what is owed stays in the record when it was reviewed', async () => {
  const store = newStore()
  await store.write(({ reviewsOwed }) => reviewsOwed.insert(owed('dep_1', 1)))
  await store.write(({ reviewsOwed }) => reviewsOwed.insert(owed('dep_2', 2)))
  await expect(
    store.write(({ reviewsOwed }) => reviewsOwed.insert(owed('dep_2', 3))),
  ).rejects.toThrow()
  expect(await store.write(({ reviewsOwed }) => reviewsOwed.review('dep_1', review))).toBe(true)
  expect(await store.write(({ reviewsOwed }) => reviewsOwed.review('dep_9', review))).toBe(false)
  const list = (open: boolean) =>
    store.read((tables) => tables.reviewsOwed.list({ open, limit: 5 }))
  expect(await list(true)).toEqual([owed('dep_2', 2)])
  expect(await list(false)).toEqual([owed('dep_2', 2), { ...owed('dep_1', 1), ...review }])
  expect(await store.read((tables) => tables.reviewsOwed.get('dep_1'))).toMatchObject(review)
  expect(await store.read((tables) => tables.reviewsOwed.get('dep_9'))).toBeNull()
})

test('a project does not see what another owes', async () => {
  const directory = temporaryDirectory()
  const [clinic, other] = [storeIn(directory), storeIn(directory, 'other')]
  await clinic.write(({ reviewsOwed }) => reviewsOwed.insert(owed('dep_1', 1)))
  expect(await other.read((tables) => tables.reviewsOwed.get('dep_1'))).toBeNull()
  expect(await other.write((tables) => tables.reviewsOwed.review('dep_1', review))).toBe(false)
})
