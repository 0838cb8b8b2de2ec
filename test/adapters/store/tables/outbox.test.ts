import { describe, expect, it } from 'vitest'
import type { OutboxMessage } from '../../../../src/ports/store.ts'
import { newStore, storeIn, temporaryDirectory } from '../fixture.ts'

function message(id: string, changes: Partial<OutboxMessage> = {}): OutboxMessage {
  return {
    id,
    target: 'team',
    event: 'approval_requested',
    payload: '{}',
    created_at: 1_000,
    due_at: 1_000,
    attempts: 0,
    last_error: null,
    delivered_at: null,
    abandoned_at: null,
    ...changes,
  }
}

describe('claiming', () => {
  it('takes what is due, the longest due first, and puts its next try off', async () => {
    const store = newStore()
    await store.write(async ({ outbox }) => {
      await outbox.insert(message('msg_2', { due_at: 2_000 }))
      await outbox.insert(message('msg_1', { due_at: 1_000 }))
      await outbox.insert(message('msg_3', { due_at: 9_000 }))
    })
    const claim = () => store.write(({ outbox }) => outbox.claim(2_000, 5_000))
    expect([(await claim())?.id, (await claim())?.id, await claim()]).toEqual([
      'msg_1',
      'msg_2',
      null,
    ])
    const again = await store.write(({ outbox }) => outbox.claim(5_000, 9_000))
    expect(again?.id).toBe('msg_1')
  })

  it('never gives one message to two at once', async () => {
    const directory = temporaryDirectory()
    const stores = [storeIn(directory), storeIn(directory), storeIn(directory)]
    const ids = Array.from({ length: 12 }, (_, index) => `msg_${10 + index}`)
    await stores[0]!.write(async ({ outbox }) => {
      for (const id of ids) await outbox.insert(message(id))
    })
    const claimed = await Promise.all(
      stores.map(async (store) => {
        const mine: string[] = []
        for (;;) {
          const found = await store.write(({ outbox }) => outbox.claim(1_000, 2_000))
          if (!found) return mine
          mine.push(found.id)
        }
      }),
    )
    expect(claimed.flat().toSorted()).toEqual(ids)
  })

  it('leaves alone what was delivered, what was given up, and other projects', async () => {
    const directory = temporaryDirectory()
    const store = storeIn(directory)
    const other = storeIn(directory, 'shop')
    await store.write(async ({ outbox }) => {
      await outbox.insert(message('msg_1'))
      await outbox.insert(message('msg_2'))
      await outbox.update('msg_1', { delivered_at: 1_500 })
      await outbox.update('msg_2', { abandoned_at: 1_500, last_error: 'refused it with 404' })
    })
    await other.write(({ outbox }) => outbox.insert(message('msg_3')))
    await other.write(({ outbox }) => outbox.update('msg_1', { delivered_at: null }))
    expect(await store.write(({ outbox }) => outbox.claim(9_000, 9_500))).toBeNull()
    const list = (pending: boolean) =>
      store.read(({ outbox }) => outbox.list({ pending, limit: 10 }))
    expect(await list(true)).toEqual([])
    expect(await list(false)).toEqual([
      message('msg_2', { abandoned_at: 1_500, last_error: 'refused it with 404' }),
      message('msg_1', { delivered_at: 1_500 }),
    ])
  })
})

it('a message is kept or lost together with what it tells', async () => {
  const store = newStore()
  const lost = store.write(async ({ outbox }) => {
    await outbox.insert(message('msg_1'))
    throw new Error('the rest failed')
  })
  await expect(lost).rejects.toThrow('the rest failed')
  expect(await store.read(({ outbox }) => outbox.list({ limit: 10 }))).toEqual([])
})
