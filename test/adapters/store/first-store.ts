import { join } from 'node:path'
import { Kysely, sql } from 'kysely'
import { createStoreFile, openDatabase } from '../../../src/adapters/store/database.ts'
import { createNodeSqliteDialect } from '../../../src/adapters/store/dialect.ts'
import { up } from '../../../src/adapters/store/migrations/0001-initial.ts'
import type { DeploymentRow, Schema } from '../../../src/adapters/store/schema.ts'
import { temporaryDirectory } from './fixture.ts'
import { deployment } from './rows.ts'

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
  for (const row of firstApprovals) await sql`${sql.raw(inserted('approvals', row))}`.execute(db)
  await db.destroy()
  return directory
}

const request = JSON.stringify({ format: 'gonogo-approval-v1', id: 'apr_1' })

const firstApproval = {
  project: 'clinic',
  environment: 'production',
  request,
  plan: '{}',
  requester: 'agent:claude-code',
  created_at: 1000,
  expires_at: 9000,
}

/** Requests with the columns of then: one that waits, one that was approved, one that was used. */
const firstApprovals = [
  { ...firstApproval, id: 'apr_1', state: 'open' },
  { ...firstApproval, id: 'apr_2', state: 'approved', ...decided('apr_2') },
  { ...firstApproval, id: 'apr_3', state: 'consumed', ...decided('apr_3'), consumed_by: 'dep_1' },
  { ...firstApproval, id: 'apr_4', state: 'rejected', approver: 'human:bob', decided_at: 3000 },
]

function decided(id: string) {
  const signature = `signature of ${id}`
  return { method: 'ssh_signature', approver: 'ada', level: 'L1', decided_at: 2000, signature }
}

function inserted(table: string, row: Record<string, string | number>): string {
  const values = Object.values(row).map((value) => `'${value}'`)
  return `insert into ${table} (${Object.keys(row).join(',')}) values (${values.join(',')})`
}

/** A deployment with the columns of then. */
function firstRow(id: string): DeploymentRow {
  const { release, from: _from, external_id: _id, bypass: _bypass, ...columns } = deployment(id)
  const spread = { release_sha: release.sha, release_version: release.version, from_sha: null }
  const row = { ...columns, ...spread, from_version: null, fault: null, verified: 0 }
  return row as unknown as DeploymentRow
}
