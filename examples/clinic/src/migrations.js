// @ts-check
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from './command.js'
import { inTransaction } from './database.js'
import { releaseDirectory } from './release.js'

/**
 * @typedef {{ name: string, sql: string, hash: string }} Migration
 * @typedef {import('node:sqlite').DatabaseSync} DatabaseSync
 */

/** @returns {Migration[]} */
export function readMigrations(directory = join(releaseDirectory, 'migrations')) {
  const files = readdirSync(directory).filter((file) => file.endsWith('.sql'))
  return files.sort().map((file) => {
    const sql = readFileSync(join(directory, file), 'utf8')
    const hash = createHash('sha256').update(sql).digest('hex')
    return { name: file.replace(/\.sql$/, ''), sql, hash }
  })
}

/**
 * A later release may have applied more migrations than this one knows. They stay: they are
 * additive, and a rollback must be able to run on them.
 *
 * @param {DatabaseSync} database
 * @param {Migration[]} migrations
 * @param {(line: string) => void} report
 */
export function migrate(database, migrations, report) {
  database.exec(`
    create table if not exists schema_migrations (
      name text primary key,
      hash text not null,
      applied_at text not null default current_timestamp
    ) strict`)
  for (const migration of migrations) report(`${migration.name} ${apply(database, migration)}`)
}

/** @param {DatabaseSync} database */
export function lastMigration(database) {
  const row = database.prepare('select max(name) as name from schema_migrations').get()
  return /** @type {string | null} */ (row?.name ?? null)
}

/**
 * @param {DatabaseSync} database
 * @param {Migration} migration
 */
function apply(database, { name, sql, hash }) {
  return inTransaction(database, () => {
    const applied = database.prepare('select hash from schema_migrations where name = ?').get(name)
    if (applied === undefined) {
      execute(database, name, sql)
      database.prepare('insert into schema_migrations (name, hash) values (?, ?)').run(name, hash)
      return 'applied'
    }
    if (applied.hash === hash) return 'already applied'
    throw new Refusal(`migration ${name} was edited after it had been applied; add a new one`)
  })
}

/**
 * @param {DatabaseSync} database
 * @param {string} name
 * @param {string} sql
 */
function execute(database, name, sql) {
  try {
    database.exec(sql)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Refusal(`migration ${name} failed and was rolled back: ${reason}`, { cause: error })
  }
}
