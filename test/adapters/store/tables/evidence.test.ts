import { expect, test } from 'vitest'
import type { Evidence, Store } from '../../../../src/ports/store.ts'
import { newStore, storeIn, temporaryDirectory } from '../fixture.ts'
import { evidence } from '../rows.ts'

const insert = (store: Store, ...rows: Evidence[]) =>
  store.write(async (tables) => {
    for (const row of rows) await tables.evidence.insert(row)
  })
const wanted = {
  check_name: 'tests_passed',
  sha: 'a'.repeat(40),
  environment: null as string | null,
  subject: 'c'.repeat(64),
  since: 0,
}
const latest = (store: Store, query: Partial<typeof wanted> = {}) =>
  store.read((tables) => tables.evidence.latest({ ...wanted, ...query }))

test('evidence comes back as it was', async () => {
  const store = newStore()
  await insert(store, evidence('evi_1'))
  expect(await latest(store)).toEqual(evidence('evi_1'))
})

test('the newest counts, even if an older one looked better', async () => {
  const store = newStore()
  const broken = { ...evidence('').check, status: 'failed' as const }
  await insert(
    store,
    evidence('evi_2', { recorded_at: 2_000, check: broken }),
    evidence('evi_1', { recorded_at: 1_000 }),
  )
  expect((await latest(store))?.check.status).toBe('failed')
  expect((await latest(store, { since: 2_000 }))?.id).toBe('evi_2')
  expect(await latest(store, { since: 2_001 })).toBeNull()
})

test('evidence of another commit, check or subject is no evidence', async () => {
  const store = newStore()
  await insert(store, evidence('evi_1'))
  expect(await latest(store, { sha: 'd'.repeat(40) })).toBeNull()
  expect(await latest(store, { check_name: 'security_scan' })).toBeNull()
  expect(await latest(store, { subject: 'd'.repeat(64) })).toBeNull()
})

test('a result of one environment is not one of another; one of none holds for all', async () => {
  const store = newStore()
  await insert(store, evidence('evi_1', { environment: 'staging' }))
  expect((await latest(store, { environment: 'staging' }))?.id).toBe('evi_1')
  expect(await latest(store, { environment: 'production' })).toBeNull()
  expect(await latest(store, { environment: null })).toBeNull()
  await insert(store, evidence('evi_2'))
  expect((await latest(store, { environment: 'production' }))?.id).toBe('evi_2')
})

test('a deployment shows its evidence in the order it was recorded', async () => {
  const store = newStore()
  await insert(
    store,
    evidence('evi_2', { deployment_id: 'dep_1', recorded_at: 2_000 }),
    evidence('evi_1', { deployment_id: 'dep_1', recorded_at: 1_000 }),
    evidence('evi_3', { deployment_id: 'dep_2' }),
    evidence('evi_4'),
  )
  const found = await store.read((tables) => tables.evidence.ofDeployment('dep_1'))
  expect(found.map((row) => row.id)).toEqual(['evi_1', 'evi_2'])
})

test('a project does not see the evidence of another', async () => {
  const directory = temporaryDirectory()
  await insert(storeIn(directory), evidence('evi_1', { deployment_id: 'dep_1' }))
  const other = storeIn(directory, 'other')
  expect(await latest(other)).toBeNull()
  expect(await other.read((tables) => tables.evidence.ofDeployment('dep_1'))).toEqual([])
})
