import { existsSync } from 'node:fs'
import { Kysely, sql } from 'kysely'
import type { Runtime } from '../../ports/runtime.ts'
import type { StoreInspection } from '../../ports/store.ts'
import { createBusyRetry } from './busy.ts'
import { openUntouched, requireSqlite } from './database.ts'
import { createNodeSqliteDialect } from './dialect.ts'
import { knownSchema, schemaVersion } from './migrate.ts'
import type { Schema } from './schema.ts'

/**
 * Looks at a store file without changing a byte of it; null when there is none. Beside a write-ahead log
 * that was left behind without its index (`-shm`), SQLite makes the index anew.
 */
export async function inspectStore<T>(
  file: string,
  runtime: Pick<Runtime, 'now' | 'sleep'>,
  work: (db: Kysely<Schema>) => Promise<T>,
): Promise<StoreInspection<T> | null> {
  requireSqlite(process.versions.sqlite)
  if (!existsSync(file)) return null
  const found = await look(file, runtime, work)
  // Somebody may have begun to write just after the file was taken for immutable.
  const torn = found.damage.length > 0 && existsSync(`${file}-wal`)
  return torn ? await look(file, runtime, work) : found
}

async function look<T>(
  file: string,
  runtime: Pick<Runtime, 'now' | 'sleep'>,
  work: (db: Kysely<Schema>) => Promise<T>,
): Promise<StoreInspection<T>> {
  const retry = createBusyRetry(runtime)
  const db = new Kysely<Schema>({
    dialect: createNodeSqliteDialect({ open: () => openUntouched(file), retry }),
  })
  try {
    const damage = await quickCheck(db)
    const schema = damage.length > 0 ? 0 : await schemaVersion(db)
    const usable = damage.length === 0 && schema === knownSchema
    const transaction = db.transaction().setAccessMode('read only')
    const seen = usable ? await transaction.execute(work) : null
    return { file, schema, schema_known: knownSchema, damage, seen }
  } finally {
    await db.destroy()
  }
}

async function quickCheck(db: Kysely<Schema>): Promise<string[]> {
  try {
    const { rows } = await sql<{ quick_check: string }>`pragma quick_check(10)`.execute(db)
    return rows.map((row) => row.quick_check).filter((line) => line !== 'ok')
  } catch (error) {
    // Where even the list of tables is damaged, SQLite checks nothing.
    const { errcode, message } = error as Error & { errcode?: number }
    if (errcode === corrupt) return [message]
    throw error
  }
}

/** SQLITE_CORRUPT */
const corrupt = 11
