import { join } from 'node:path'
import { Kysely } from 'kysely'
import { createStoreFile, openDatabase } from '../../../src/adapters/store/database.ts'
import { createNodeSqliteDialect } from '../../../src/adapters/store/dialect.ts'
import { up } from '../../../src/adapters/store/migrations/0001-initial.ts'
import type { Schema } from '../../../src/adapters/store/schema.ts'
import { createTables } from '../../../src/adapters/store/tables.ts'
import { temporaryDirectory } from './fixture.ts'
import { approval, deployment } from './rows.ts'

/** A store as a gonogo left it that knew only the first migration. */
export async function firstStore(): Promise<string> {
  const directory = temporaryDirectory()
  const file = join(directory, 'gonogo.db')
  createStoreFile(file)
  const dialect = createNodeSqliteDialect({
    open: () => openDatabase(file, 'writer'),
    retry: async (attempt) => attempt(),
  })
  const db = new Kysely<Schema>({ dialect })
  await db.schema
    .createTable('schema_version')
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute()
  await up(db.schema)
  await db.insertInto('schema_version').values({ version: 1, applied_at: 7 }).execute()
  const tables = createTables(db, 'clinic')
  await tables.deployments.insert(deployment('dep_1'))
  await tables.approvals.insert(approval('apr_1'))
  await db.destroy()
  return directory
}
