import type { SchemaModule } from 'kysely'

/** The policy an approver trusted last, one per project, with its text: so a change can be shown. */
export async function up(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('trusted_policies')
    .addColumn('project', 'text', (column) => column.primaryKey())
    .addColumn('statement', 'text', (column) => column.notNull())
    .addColumn('policy', 'text', (column) => column.notNull())
    .addColumn('signature', 'text', (column) => column.notNull())
    .addColumn('approver', 'text', (column) => column.notNull())
    .addColumn('level', 'text', (column) => column.notNull())
    .addColumn('trusted_at', 'bigint', (column) => column.notNull())
    .execute()
}
