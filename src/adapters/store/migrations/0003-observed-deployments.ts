import type { SchemaModule } from 'kysely'

/** Deployments that others started are kept beside our own, and marked. */
export async function up(schema: SchemaModule): Promise<void> {
  await schema.alterTable('deployments').addColumn('external_id', 'text').execute()
  await schema
    .alterTable('deployments')
    .addColumn('bypass', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
}
