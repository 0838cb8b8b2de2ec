import { expect, test } from 'vitest'
import type { Approval } from '../../../../src/core/approval.ts'
import { canonicalJson } from '../../../../src/core/canonical.ts'
import type { ApprovalTable, Store } from '../../../../src/ports/store.ts'
import { newStore, storeIn, temporaryDirectory } from '../fixture.ts'
import { approval, decision } from '../rows.ts'

const insert = (store: Store, ...rows: Approval[]) =>
  store.write(async ({ approvals }) => {
    for (const row of rows) await approvals.insert(row)
  })

test('a request comes back with the very bytes that are signed', async () => {
  const store = newStore()
  await insert(store, approval('apr_1'))
  const found = await store.read(({ approvals }) => approvals.get('apr_1'))
  expect(found).toEqual(approval('apr_1'))
  expect(canonicalJson(found?.request)).toBe(canonicalJson(approval('apr_1').request))
  expect(await store.read(({ approvals }) => approvals.get('apr_2'))).toBeNull()
})

test('move is compare-and-swap: an approval is consumed once', async () => {
  const store = newStore()
  await insert(store, approval('apr_1'))
  const move = (...args: Parameters<ApprovalTable['move']>) =>
    store.write(({ approvals }) => approvals.move(...args))
  expect(await move('apr_1', 'open', 'approved')).toBe(true)
  expect(await move('apr_1', 'open', 'rejected')).toBe(false)
  const consumed = await Promise.all([
    move('apr_1', 'approved', 'consumed', { consumed_by: 'dep_1' }),
    move('apr_1', 'approved', 'consumed', { consumed_by: 'dep_1' }),
  ])
  expect(consumed.toSorted()).toEqual([false, true])
  expect(await store.read(({ approvals }) => approvals.get('apr_1'))).toEqual(
    approval('apr_1', { state: 'consumed', consumed_by: 'dep_1' }),
  )
  // A start that provably did not happen gives it back.
  expect(await move('apr_1', 'consumed', 'approved', { consumed_by: null })).toBe(true)
  expect(await move('apr_9', 'open', 'approved')).toBe(false)
})

test('decisions are added, oldest first, and never replace one another', async () => {
  const store = newStore()
  const [first, second] = [
    decision('dec_2', 'apr_1', { decided_at: 1 }),
    decision('dec_1', 'apr_1', { decided_at: 2, verdict: 'revoked' }),
  ]
  await insert(
    store,
    approval('apr_1'),
    approval('apr_2', { decisions: [decision('dec_9', 'apr_2')] }),
  )
  await store.write(async ({ approvals }) => {
    await approvals.decide(second)
    await approvals.decide(first)
  })
  const found = await store.read(({ approvals }) => approvals.get('apr_1'))
  expect(found).toEqual(approval('apr_1', { decisions: [first, second] }))
  const listed = await store.read(({ approvals }) => approvals.list({ limit: 9 }))
  expect(listed.map(({ id, decisions }) => `${id} has ${decisions.length}`).toSorted()).toEqual([
    'apr_1 has 2',
    'apr_2 has 1',
  ])
  const again = store.write(({ approvals }) => approvals.decide(first))
  await expect(again).rejects.toThrow()
})

const byCode = (store: Store, code: string) =>
  store.read(async ({ approvals }) => (await approvals.byCode(code))?.id ?? null)

test('a one-time code finds its request, in its own project alone', async () => {
  const directory = temporaryDirectory()
  const [clinic, other] = [storeIn(directory), storeIn(directory, 'other')]
  const code_sha256 = 'c'.repeat(64)
  const coded = decision('dec_1', 'apr_1', { statement: JSON.stringify({ code_sha256 }) })
  await insert(clinic, approval('apr_1', { decisions: [coded] }), approval('apr_2'))
  expect(await byCode(clinic, code_sha256)).toBe('apr_1')
  expect(await byCode(clinic, 'd'.repeat(64))).toBeNull()
  expect(await byCode(other, code_sha256)).toBeNull()
})

test('list is newest first and narrowed by state', async () => {
  const store = newStore()
  await insert(
    store,
    approval('apr_1', { created_at: 1, state: 'rejected' }),
    approval('apr_2', { created_at: 2 }),
    approval('apr_3', { created_at: 3, state: 'approved' }),
  )
  const ids = (filter: Parameters<ApprovalTable['list']>[0]) =>
    store.read(async ({ approvals }) => (await approvals.list(filter)).map((row) => row.id))
  expect(await ids({ limit: 2 })).toEqual(['apr_3', 'apr_2'])
  expect(await ids({ limit: 9, states: ['open', 'rejected'] })).toEqual(['apr_2', 'apr_1'])
  expect(await ids({ limit: 9, states: [] })).toEqual([])
})

test('current is the newest live request of that requester for that environment', async () => {
  const store = newStore()
  await insert(
    store,
    approval('apr_1', { created_at: 1, state: 'approved', expires_at: 500 }),
    approval('apr_2', { created_at: 2, expires_at: 300 }),
    approval('apr_3', { created_at: 3, state: 'superseded' }),
    approval('apr_4', { created_at: 4, environment: 'staging' }),
    approval('apr_5', { created_at: 5, requester: 'human:ada' }),
  )
  const current = (now: number) =>
    store.read(async ({ approvals }) =>
      approvals.current('production', 'agent:claude-code', now).then((row) => row?.id),
    )
  expect(await current(299)).toBe('apr_2')
  expect(await current(300)).toBe('apr_1')
  expect(await current(500)).toBeUndefined()
})

test('a project neither sees nor moves the approvals of another', async () => {
  const directory = temporaryDirectory()
  const [clinic, other] = [storeIn(directory), storeIn(directory, 'other')]
  await insert(clinic, approval('apr_1'))
  expect(await other.read(({ approvals }) => approvals.get('apr_1'))).toBeNull()
  expect(await other.read(({ approvals }) => approvals.list({ limit: 9 }))).toEqual([])
  expect(await other.write(({ approvals }) => approvals.move('apr_1', 'open', 'approved'))).toBe(
    false,
  )
})
