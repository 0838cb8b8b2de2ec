import { join } from 'node:path'
import { Kysely } from 'kysely'
import { createStoreFile, openDatabase } from '../../../src/adapters/store/database.ts'
import { createNodeSqliteDialect } from '../../../src/adapters/store/dialect.ts'
import { up } from '../../../src/adapters/store/migrations/0001-initial.ts'
import type { DeploymentRow, Schema } from '../../../src/adapters/store/schema.ts'
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
  await db.insertInto('deployments').values(firstRow('dep_1')).execute()
  const tables = createTables(db, 'clinic')
  await tables.approvals.insert(approval('apr_1'))
  await db.destroy()
  return directory
}

/** A deployment with the columns of then. */
function firstRow(id: string): DeploymentRow {
  const { release, from: _from, external_id: _id, bypass: _bypass, ...columns } = deployment(id)
  const spread = { release_sha: release.sha, release_version: release.version, from_sha: null }
  const row = { ...columns, ...spread, from_version: null, fault: null, verified: 0 }
  return row as unknown as DeploymentRow
}
