import type { Kysely } from 'kysely'
import { Failure } from '../../core/failure.ts'
import * as initial from './migrations/0001-initial.ts'
import * as trustedPolicies from './migrations/0002-trusted-policies.ts'
import * as observedDeployments from './migrations/0003-observed-deployments.ts'
import * as trust from './migrations/0004-trust.ts'
import type { Schema } from './schema.ts'

// In order, for ever: a migration's version is its place here.
const migrations = [initial, trustedPolicies, observedDeployments, trust]

/** The version of the tables this gonogo works with. */
export const knownSchema = migrations.length

/** Brings the schema to this gonogo's version. Safe against other processes that do the same. */
export async function migrate(db: Kysely<Schema>, file: string, now: number): Promise<void> {
  const found = await db.transaction().setAccessMode('read only').execute(schemaVersion)
  requireKnown(found, file)
  // Most openings end here, without having asked for the write lock.
  if (found === migrations.length) return
  await db.transaction().execute(async (transaction) => {
    // Asked again: while this process waited for the lock, another one may have migrated.
    const version = await schemaVersion(transaction)
    requireKnown(version, file)
    if (version === 0) await createVersionTable(transaction)
    await applyFrom(version, transaction, now)
  })
}

async function applyFrom(version: number, db: Kysely<Schema>, now: number): Promise<void> {
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue
    await migration.up(db.schema, db)
    await db
      .insertInto('schema_version')
      .values({ version: index + 1, applied_at: now })
      .execute()
  }
}

async function createVersionTable(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('schema_version')
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute()
}

/** The version of a store's tables; 0 for one that has none yet. */
export async function schemaVersion(db: Kysely<Schema>): Promise<number> {
  const tables = await db.introspection.getTables()
  if (!tables.some((table) => table.name === 'schema_version')) return 0
  const newest = await db
    .selectFrom('schema_version')
    .select((builder) => builder.fn.max('version').as('version'))
    .executeTakeFirstOrThrow()
  return newest.version
}

function requireKnown(version: number, file: string): void {
  if (version <= migrations.length) return
  throw new Failure({
    code: 'store_unavailable',
    message: `the store ${file} has schema ${version}, this gonogo knows up to ${migrations.length}`,
    hint: 'a newer gonogo wrote it: update this one (gonogo --version shows what runs)',
    details: { file, schema: version },
  })
}
