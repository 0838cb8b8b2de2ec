import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { fileTree } from '../../support/file-tree.ts'
import { storeIn, temporaryDirectory } from './fixture.ts'
import { deployment } from './rows.ts'

const totalIn = (directory: string) =>
  storeIn(directory).inspect(async (tables) => (await tables.deployments.list({ limit: 1 })).total)

/** A directory with a store of one deployment that nobody has open. */
async function closedStore(): Promise<string> {
  const directory = temporaryDirectory()
  const store = storeIn(directory)
  await store.write(({ deployments }) => deployments.insert(deployment('dep_1')))
  await store.close()
  return directory
}

test('where there is no store, inspecting makes none', async () => {
  const directory = temporaryDirectory()
  const before = await fileTree(directory)
  expect(await totalIn(directory)).toBeNull()
  expect(await fileTree(directory)).toEqual(before)
})

test('a closed store is read without a trace', async () => {
  const directory = await closedStore()
  const before = await fileTree(directory)
  const found = await totalIn(directory)
  expect(found).toMatchObject({ damage: [], seen: 1 })
  expect(found?.schema).toBe(found?.schema_known)
  expect(await fileTree(directory)).toEqual(before)
})

test('a store in use is read with what was written last', async () => {
  const directory = await closedStore()
  const store = storeIn(directory)
  await store.write(({ deployments }) => deployments.insert(deployment('dep_2')))
  expect(await totalIn(directory)).toMatchObject({ seen: 2 })
})

test('tables of another version are told, not migrated and not read', async () => {
  const directory = await closedStore()
  const file = join(directory, 'gonogo.db')
  const database = new DatabaseSync(file)
  database.exec('insert into schema_version values (99, 0)')
  database.close()
  const before = readFileSync(file)
  expect(await totalIn(directory)).toMatchObject({ schema: 99, seen: null })
  expect(readFileSync(file).equals(before)).toBe(true)
})

test('damage is told', async () => {
  const directory = await closedStore()
  const file = join(directory, 'gonogo.db')
  const bytes = readFileSync(file)
  // The pages behind the first, where the tables are.
  bytes.fill(0x5a, 4096)
  writeFileSync(file, bytes)
  const found = await totalIn(directory)
  expect(found?.damage.length).toBeGreaterThan(0)
  expect(found?.seen).toBeNull()
  writeFileSync(file, 'no database at all'.repeat(500))
  await expect(totalIn(directory)).rejects.toMatchObject({ code: 'store_unavailable' })
})
