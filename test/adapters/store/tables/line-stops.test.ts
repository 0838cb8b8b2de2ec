import { expect, test } from 'vitest'
import { newStore, storeIn, temporaryDirectory } from '../fixture.ts'

const stop = (id: string, stopped_at: number) => ({
  id,
  reason: 'orders are lost',
  stopped_by: 'human:ada',
  stopped_at,
  lift_statement: null,
  lift_signature: null,
  lifted_by: null,
  lifted_at: null,
})
const lift = {
  lift_statement: '{}',
  lift_signature: 'signed',
  lifted_by: 'ada',
  lifted_at: 9,
}

test('stops are kept newest first, and a lift replaces what was stored as one', async () => {
  const store = newStore()
  await store.write(({ lineStops }) => lineStops.insert(stop('stop_1', 1)))
  await store.write(({ lineStops }) => lineStops.insert(stop('stop_2', 2)))
  expect(await store.write(({ lineStops }) => lineStops.lift('stop_1', lift))).toBe(true)
  const again = { ...lift, lifted_by: 'bob' }
  expect(await store.write(({ lineStops }) => lineStops.lift('stop_1', again))).toBe(true)
  expect(await store.write(({ lineStops }) => lineStops.lift('stop_9', lift))).toBe(false)
  expect(await store.read(({ lineStops }) => lineStops.list(5))).toMatchObject([
    stop('stop_2', 2),
    { ...stop('stop_1', 1), ...again },
  ])
  expect(await store.read(({ lineStops }) => lineStops.list(1))).toMatchObject([{ id: 'stop_2' }])
})

test('the line of one project is not that of another', async () => {
  const directory = temporaryDirectory()
  const [clinic, other] = [storeIn(directory), storeIn(directory, 'other')]
  await clinic.write(({ lineStops }) => lineStops.insert(stop('stop_1', 1)))
  expect(await other.read(({ lineStops }) => lineStops.list(5))).toEqual([])
  expect(await other.write(({ lineStops }) => lineStops.lift('stop_1', lift))).toBe(false)
})
