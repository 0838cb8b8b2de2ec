import { describe, expect, test } from 'vitest'
import type { DeploymentPatch } from '../../../../src/core/deployment.ts'
import type { Store } from '../../../../src/ports/store.ts'
import { newStore, storeIn, temporaryDirectory } from '../fixture.ts'
import { deployment } from '../rows.ts'

const insert = (store: Store, ...rows: ReturnType<typeof deployment>[]) =>
  store.write(async ({ deployments }) => {
    for (const row of rows) await deployments.insert(row)
  })
const get = (store: Store, id: string) => store.read(({ deployments }) => deployments.get(id))
const update = (store: Store, id: string, fence: number, patch: DeploymentPatch) =>
  store.write(({ deployments }) => deployments.update(id, fence, patch))
const claim = (store: Store, owner: string, now: number, until: number, id?: string) =>
  store.write(({ deployments }) =>
    deployments.claim({ owner, now, until, ...(id !== undefined && { id }) }),
  )

describe('a stored deployment', () => {
  const full = deployment('dep_1', {
    from: { sha: 'd'.repeat(40), version: 'v1.3.0' },
    fault: { phase: 'running', step: 'migrate', cause: 'exit 1' },
    verified: true,
    approval_id: 'apr_1',
    run_id: 'run_1',
    completed_at: 1_700_000_000_000,
    lease_owner: 'keeper 1',
  })

  test('comes back as it was', async () => {
    const store = newStore()
    await insert(store, full, deployment('dep_2'))
    expect(await get(store, 'dep_1')).toEqual(full)
    expect(await get(store, 'dep_2')).toEqual(deployment('dep_2'))
    expect(await get(store, 'dep_3')).toBeNull()
  })

  test('belongs to one project', async () => {
    const directory = temporaryDirectory()
    const clinic = storeIn(directory)
    const other = storeIn(directory, 'other')
    await insert(clinic, full)
    expect(await get(other, 'dep_1')).toBeNull()
    expect(await update(other, 'dep_1', 0, { attempt: 9 })).toBe(false)
    expect(await claim(other, 'worker', 5_000, 6_000)).toBeNull()
    await other.write(({ deployments }) => deployments.fenceOff('dep_1'))
    expect(await get(clinic, 'dep_1')).toEqual(full)
    expect(await other.read(({ deployments }) => deployments.list({ limit: 10 }))).toEqual({
      rows: [],
      total: 0,
    })
  })
})

describe('list', () => {
  test('is newest first and counts what the limit leaves out', async () => {
    const store = newStore()
    await insert(
      store,
      deployment('dep_1', { created_at: 1 }),
      deployment('dep_3', { created_at: 3 }),
      deployment('dep_2', { created_at: 3 }),
    )
    const { rows, total } = await store.read(({ deployments }) => deployments.list({ limit: 2 }))
    expect(rows.map((row) => row.id)).toEqual(['dep_3', 'dep_2'])
    expect(total).toBe(3)
  })

  test('narrows by environment, failure and being under way', async () => {
    const store = newStore()
    await insert(
      store,
      deployment('dep_1', { status: 'success', phase: 'ended' }),
      deployment('dep_2', { status: 'failure', phase: 'ended' }),
      deployment('dep_3', { status: 'outcome_unknown', phase: 'closing' }),
      deployment('dep_4', { status: 'cancelled', phase: 'ended', environment: 'production' }),
      deployment('dep_5', { status: 'in_progress', phase: 'running', environment: 'production' }),
    )
    const ids = async (filter: object) => {
      const { rows, total } = await store.read(({ deployments }) =>
        deployments.list({ limit: 10, ...filter }),
      )
      expect(total).toBe(rows.length)
      return rows.map((row) => row.id)
    }
    expect(await ids({ environment: 'production' })).toEqual(['dep_5', 'dep_4'])
    expect(await ids({ includeFailed: false })).toEqual(['dep_5', 'dep_1'])
    expect(await ids({ underWay: true })).toEqual(['dep_5', 'dep_3'])
    expect(await ids({ underWay: true, environment: 'staging' })).toEqual(['dep_3'])
  })
})

describe('claim', () => {
  test('takes due rows in the order they are due, and only those under way', async () => {
    const store = newStore()
    await insert(
      store,
      deployment('dep_1', { due_at: 300 }),
      deployment('dep_2', { due_at: 100 }),
      deployment('dep_3', { due_at: 100, phase: 'ended', status: 'success' }),
      deployment('dep_4', { due_at: 501 }),
    )
    expect(await claim(store, 'a', 500, 900)).toMatchObject({
      id: 'dep_2',
      fence: 1,
      lease_owner: 'a',
      lease_until: 900,
    })
    expect((await claim(store, 'b', 500, 900))?.id).toBe('dep_1')
    expect(await claim(store, 'c', 500, 900)).toBeNull()
  })

  test('leaves a running lease to its owner, and takes it once it ran out', async () => {
    const store = newStore()
    await insert(store, deployment('dep_1', { due_at: 0 }))
    await claim(store, 'a', 0, 100)
    expect(await claim(store, 'b', 99, 200)).toBeNull()
    expect((await claim(store, 'a', 99, 150))?.fence).toBe(2)
    expect(await claim(store, 'b', 100, 200)).toBeNull()
    expect((await claim(store, 'b', 150, 250))?.fence).toBe(3)
  })

  test('by id takes that row or none', async () => {
    const store = newStore()
    await insert(store, deployment('dep_1', { due_at: 0 }), deployment('dep_2', { due_at: 1 }))
    expect((await claim(store, 'a', 10, 100, 'dep_2'))?.id).toBe('dep_2')
    expect(await claim(store, 'b', 10, 100, 'dep_2')).toBeNull()
    expect((await get(store, 'dep_1'))?.fence).toBe(0)
  })
})

describe('the fence', () => {
  test('refuses a writer whose row was claimed by another', async () => {
    const store = newStore()
    await insert(store, deployment('dep_1', { due_at: 0 }))
    const stale = await claim(store, 'a', 0, 100)
    const current = await claim(store, 'b', 200, 300)
    const patch: DeploymentPatch = { phase: 'running', run_id: 'run_1' }
    expect(await update(store, 'dep_1', stale!.fence, patch)).toBe(false)
    expect(await get(store, 'dep_1')).toEqual(current)
    expect(await update(store, 'dep_1', current!.fence, patch)).toBe(true)
    expect(await get(store, 'dep_1')).toEqual({ ...current, ...patch })
  })

  test('fenceOff shuts the driver out and frees the lease', async () => {
    const store = newStore()
    await insert(store, deployment('dep_1', { due_at: 0 }))
    const driven = await claim(store, 'a', 0, 1_000)
    await store.write(({ deployments }) => deployments.fenceOff('dep_1'))
    expect(await update(store, 'dep_1', driven!.fence, { attempt: 1 })).toBe(false)
    expect(await claim(store, 'b', 10, 1_000)).toMatchObject({ id: 'dep_1', fence: 3 })
  })

  test('a patch sets and clears what it names, and nothing else', async () => {
    const store = newStore()
    await insert(store, deployment('dep_1', { lease_owner: 'a', lease_until: 50 }))
    const fault = { phase: 'verifying', step: null, cause: 'answered 500' } as const
    expect(await update(store, 'dep_1', 0, { fault, verified: true })).toBe(true)
    expect(await get(store, 'dep_1')).toMatchObject({ fault, verified: true, lease_owner: 'a' })
    await update(store, 'dep_1', 0, { fault: null, verified: false, lease_owner: null })
    expect(await get(store, 'dep_1')).toEqual(deployment('dep_1', { lease_until: 50 }))
    // Asks whether the fence still holds.
    expect(await update(store, 'dep_1', 0, {})).toBe(true)
    expect(await update(store, 'dep_1', 1, {})).toBe(false)
  })
})
