// @ts-check
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDatabase } from '../src/database.js'
import { lastMigration, migrate, readMigrations } from '../src/migrations.js'
import { temporaryDirectory } from '../testing/clinic.js'

const first = 'create table cats (name text) strict;'
const second = 'create table dogs (name text) strict;'

test('migrations are applied in order, once', (t) => {
  const { database, run } = prepare(t)
  const files = { '0002_dogs.sql': second, '0001_cats.sql': first }
  assert.deepEqual(run(files), ['0001_cats applied', '0002_dogs applied'])
  assert.deepEqual(run(files), ['0001_cats already applied', '0002_dogs already applied'])
  assert.equal(lastMigration(database), '0002_dogs')
})

test('an edited applied migration is refused', (t) => {
  const { run } = prepare(t)
  run({ '0001_cats.sql': first })
  assert.throws(() => run({ '0001_cats.sql': `${first}\n` }), /0001_cats was edited/)
})

test('a failing migration leaves nothing of itself', (t) => {
  const { database, run } = prepare(t)
  const files = { '0001_cats.sql': first, '0002_dogs.sql': `${second} nonsense;` }
  assert.throws(() => run(files), /0002_dogs failed and was rolled back/)
  assert.equal(lastMigration(database), '0001_cats')
  assert.throws(() => database.prepare('select * from dogs'), /no such table/)
})

test('an older release leaves later migrations alone', (t) => {
  const { database, run } = prepare(t)
  run({ '0001_cats.sql': first, '0002_dogs.sql': second })
  const older = readMigrations(temporaryDirectory(t))
  migrate(database, older, assert.fail)
  assert.equal(lastMigration(database), '0002_dogs')
})

/** @param {import('node:test').TestContext} t */
function prepare(t) {
  const directory = temporaryDirectory(t)
  const migrations = join(directory, 'migrations')
  mkdirSync(migrations)
  const database = openDatabase(directory)
  t.after(() => database.close())

  /** @param {Record<string, string>} files */
  const run = (files) => {
    for (const [name, sql] of Object.entries(files)) writeFileSync(join(migrations, name), sql)
    /** @type {string[]} */
    const lines = []
    migrate(database, readMigrations(migrations), (line) => lines.push(line))
    return lines
  }
  return { database, run }
}
