import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../../src/adapters/store/store.ts'
import { dumpStore } from '../../support/dump-store.ts'
import { newStore, storeIn, temporaryDirectory } from './fixture.ts'
import { deployment, lock, runtime } from './rows.ts'

const readLock = (store: ReturnType<typeof newStore>) =>
  store.read(({ locks }) => locks.get('production'))

const failureOf = (directory: string) =>
  storeIn(directory)
    .read(({ locks }) => locks.get('production'))
    .catch((error: unknown) => error)

/** A store whose write lock another connection holds until released. */
async function blockedStore(options: { clockSpeed?: number } = {}) {
  const directory = temporaryDirectory()
  const { clockSpeed = 1 } = options
  const started = Date.now()
  const store = openStore({
    directory,
    project: 'clinic',
    runtime: { ...runtime, now: () => started + (Date.now() - started) * clockSpeed },
  })
  onTestFinished(() => store.close())
  await readLock(store)
  const blocker = new DatabaseSync(join(directory, 'gonogo.db'))
  onTestFinished(() => blocker.close())
  blocker.exec('begin immediate')
  return { store, directory, release: () => blocker.exec('commit') }
}

describe('a new store', () => {
  test('is not there before its first use, and then readable by its user only', async () => {
    const directory = join(temporaryDirectory(), 'state', 'clinic')
    const store = storeIn(directory)
    expect(existsSync(dirname(directory))).toBe(false)
    expect(await readLock(store)).toBeNull()
    await store.write(({ locks }) => locks.take(lock('production')))
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    for (const file of readdirSync(directory)) {
      expect(statSync(join(directory, file)).mode & 0o777, file).toBe(0o600)
    }
  })

  test('survives being closed, and closing leaves one file', async () => {
    const directory = temporaryDirectory()
    const store = storeIn(directory)
    await store.write(({ deployments }) => deployments.insert(deployment('dep_1')))
    await store.close()
    expect(readdirSync(directory)).toEqual(['gonogo.db'])
    const again = await storeIn(directory).read(({ deployments }) => deployments.get('dep_1'))
    expect(again).toEqual(deployment('dep_1'))
    expect(Object.keys(dumpStore(directory))).toEqual([
      'approval_decisions',
      'approvals',
      'caller_tokens',
      'deployments',
      'evidence',
      'holds',
      'line_stops',
      'lock_waiters',
      'locks',
      'outbox',
      'reviews_owed',
      'schema_version',
      'token_events',
      'trusted_policies',
    ])
  })

  test('close waits for what is under way', async () => {
    const directory = temporaryDirectory()
    const store = storeIn(directory)
    const writing = store.write(({ locks }) => locks.take(lock('production')))
    await store.close()
    expect(await writing).toBe(true)
    expect(dumpStore(directory)['locks']).toHaveLength(1)
  })

  test('closing one that was never used creates nothing', async () => {
    const directory = join(temporaryDirectory(), 'state')
    await storeIn(directory).close()
    expect(existsSync(directory)).toBe(false)
  })
})

describe('write', () => {
  test('commits nothing when its work throws, and passes the error on', async () => {
    const directory = temporaryDirectory()
    const store = storeIn(directory)
    await store.write(({ locks }) => locks.take(lock('staging')))
    const before = dumpStore(directory)
    const refusal = new Error('no-go')
    const attempt = store.write(async ({ locks, deployments }) => {
      await deployments.insert(deployment('dep_1'))
      await locks.release('staging', 'dep_1')
      throw refusal
    })
    await expect(attempt).rejects.toBe(refusal)
    expect(dumpStore(directory)).toEqual(before)
    expect(await store.write(({ locks }) => locks.take(lock('production')))).toBe(true)
  })

  test('of one process run one after the other', async () => {
    const store = newStore()
    await store.write(({ deployments }) => deployments.insert(deployment('dep_1')))
    const increment = () =>
      store.write(async ({ deployments }) => {
        const row = await deployments.get('dep_1')
        await deployments.update('dep_1', row!.fence, { attempt: row!.attempt + 1 })
      })
    await Promise.all(Array.from({ length: 20 }, increment))
    const row = await store.read(({ deployments }) => deployments.get('dep_1'))
    expect(row?.attempt).toBe(20)
  })

  test('has to be asked for: a read cannot change anything', async () => {
    const store = newStore()
    const attempt = store.read(({ locks }) => locks.take(lock('production')))
    await expect(attempt).rejects.toThrow(/readonly|read-only|read only/)
    expect(await readLock(store)).toBeNull()
  })
})

test('one read sees one state, whatever is written meanwhile', async () => {
  const store = newStore()
  await store.read(async ({ locks }) => {
    expect(await locks.get('production')).toBeNull()
    await store.write((tables) => tables.locks.take(lock('production')))
    expect(await locks.get('production')).toBeNull()
  })
  expect(await readLock(store)).not.toBeNull()
})

describe('a store that cannot be used says where it is and what to do', () => {
  test('below a regular file', async () => {
    const file = join(temporaryDirectory(), 'file')
    writeFileSync(file, '')
    for (const directory of [file, join(file, 'state')]) {
      expect(await failureOf(directory)).toMatchObject({
        code: 'store_unavailable',
        retryable: false,
        message: expect.stringContaining(join(directory, 'gonogo.db')),
        hint: expect.stringContaining(`ls -ld ${directory}`),
      })
    }
  })

  test('a directory in the place of the file', async () => {
    const directory = temporaryDirectory()
    mkdirSync(join(directory, 'gonogo.db'))
    expect(await failureOf(directory)).toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining(directory),
    })
  })

  test('not a database', async () => {
    const directory = temporaryDirectory()
    const file = join(directory, 'gonogo.db')
    writeFileSync(file, 'these are not the rows you are looking for. '.repeat(100))
    expect(await failureOf(directory)).toMatchObject({
      code: 'store_unavailable',
      retryable: false,
      message: expect.stringContaining(file),
      hint: expect.stringContaining('restore a backup'),
    })
  })

  test('damaged in its pages', async () => {
    const directory = temporaryDirectory()
    const store = storeIn(directory)
    await store.write(({ locks }) => locks.take(lock('production')))
    await store.close()
    const file = join(directory, 'gonogo.db')
    const bytes = readFileSync(file)
    // The header stays, so that it still looks like a database.
    writeFileSync(file, bytes.fill(0xff, 100))
    expect(await failureOf(directory)).toMatchObject({
      code: 'store_unavailable',
      hint: expect.stringContaining('restore a backup'),
    })
  })

  test('written by a newer gonogo', async () => {
    const directory = temporaryDirectory()
    const store = storeIn(directory)
    await readLock(store)
    await store.close()
    const database = new DatabaseSync(join(directory, 'gonogo.db'))
    database.exec('insert into schema_version values (99, 0)')
    database.close()
    expect(await failureOf(directory)).toMatchObject({
      code: 'store_unavailable',
      retryable: false,
      message: expect.stringMatching(/gonogo\.db has schema 99, this gonogo knows up to \d+$/),
      hint: expect.stringContaining('update'),
    })
  })

  test('and is used once the obstacle is gone', async () => {
    const parent = temporaryDirectory()
    const directory = join(parent, 'state')
    const store = storeIn(join(directory, 'clinic'))
    writeFileSync(directory, '')
    await expect(readLock(store)).rejects.toMatchObject({ code: 'store_unavailable' })
    rmSync(directory)
    expect(await readLock(store)).toBeNull()
  })
})

describe('while another connection keeps writing', () => {
  test('a write waits and then succeeds, the event loop running all the time', async () => {
    const { store, release } = await blockedStore()
    const held = 1_500
    let longestGap = 0
    let last = performance.now()
    const beat = setInterval(() => {
      longestGap = Math.max(longestGap, performance.now() - last)
      last = performance.now()
    }, 5)
    onTestFinished(() => clearInterval(beat))
    const began = performance.now()
    setTimeout(release, held)
    expect(await store.write(({ locks }) => locks.take(lock('production')))).toBe(true)
    expect(performance.now() - began).toBeGreaterThan(held * 0.9)
    expect(longestGap).toBeLessThan(held / 4)
  })

  test('a read does not wait, not even to open the store or behind a write that does', async () => {
    const { store, directory, release } = await blockedStore()
    expect(await readLock(storeIn(directory))).toBeNull()
    const writing = store.write(({ locks }) => locks.take(lock('production')))
    expect(await readLock(store)).toBeNull()
    release()
    expect(await writing).toBe(true)
  })

  test('a write gives up after ten seconds and says that trying again makes sense', async () => {
    const { store, release } = await blockedStore({ clockSpeed: 20 })
    const attempt = store.write(({ locks }) => locks.take(lock('production')))
    await expect(attempt).rejects.toMatchObject({
      code: 'store_unavailable',
      retryable: true,
      message: expect.stringContaining('gonogo.db'),
      hint: expect.stringContaining('again'),
    })
    release()
    expect(await store.write(({ locks }) => locks.take(lock('production')))).toBe(true)
  })
})
