import { sql, type SchemaModule } from 'kysely'

/** The five tables of the first release. */
export async function up(schema: SchemaModule): Promise<void> {
  await createDeployments(schema)
  await createDeploymentIndexes(schema)
  await createLocks(schema)
  await createApprovals(schema)
  await createEvidence(schema)
  await createHolds(schema)
}

async function createDeployments(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('deployments')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('phase', 'text', (column) => column.notNull())
    .addColumn('release_sha', 'text', (column) => column.notNull())
    .addColumn('release_version', 'text', (column) => column.notNull())
    .addColumn('from_sha', 'text')
    .addColumn('from_version', 'text')
    .addColumn('git_ref', 'text', (column) => column.notNull())
    .addColumn('initiated_by', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('plan_hash', 'text', (column) => column.notNull())
    .addColumn('plan', 'text', (column) => column.notNull())
    .addColumn('approval_id', 'text')
    .addColumn('preempts', 'text')
    .addColumn('run_id', 'text')
    .addColumn('health_status', 'text', (column) => column.notNull())
    .addColumn('fault', 'text')
    .addColumn('verified', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('completed_at', 'bigint')
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('lease_owner', 'text')
    .addColumn('lease_until', 'bigint', (column) => column.notNull())
    .addColumn('fence', 'integer', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('last_error', 'text')
    .execute()
}

async function createDeploymentIndexes(schema: SchemaModule): Promise<void> {
  await schema
    .createIndex('deployments_newest')
    .on('deployments')
    .columns(['project', 'created_at desc', 'id desc'])
    .execute()
  await schema
    .createIndex('deployments_newest_by_environment')
    .on('deployments')
    .columns(['project', 'environment', 'created_at desc', 'id desc'])
    .execute()
  await schema
    .createIndex('deployments_under_way')
    .on('deployments')
    .columns(['project', 'due_at', 'id'])
    .where(sql.ref('phase'), '!=', 'ended')
    .execute()
}

async function createLocks(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('locks')
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('deployment_id', 'text', (column) => column.notNull())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('locks_primary', ['project', 'environment'])
    .execute()
}

async function createApprovals(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('approvals')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('request', 'text', (column) => column.notNull())
    .addColumn('plan', 'text', (column) => column.notNull())
    .addColumn('requester', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('method', 'text')
    .addColumn('signature', 'text')
    .addColumn('approver', 'text')
    .addColumn('level', 'text')
    .addColumn('decided_at', 'bigint')
    .addColumn('reason', 'text')
    .addColumn('consumed_by', 'text')
    .execute()
  await schema
    .createIndex('approvals_newest')
    .on('approvals')
    .columns(['project', 'created_at desc', 'id desc'])
    .execute()
}

async function createEvidence(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('evidence')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('check_name', 'text', (column) => column.notNull())
    .addColumn('sha', 'text', (column) => column.notNull())
    .addColumn('environment', 'text')
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('result', 'text', (column) => column.notNull())
    .addColumn('deployment_id', 'text')
    .addColumn('recorded_at', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createIndex('evidence_newest')
    .on('evidence')
    .columns(['project', 'sha', 'check_name', 'recorded_at desc', 'id desc'])
    .execute()
  await schema
    .createIndex('evidence_of_deployment')
    .on('evidence')
    .columns(['project', 'deployment_id'])
    .execute()
}

async function createHolds(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('holds')
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('sha', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('holds_primary', ['project', 'environment', 'sha'])
    .execute()
}
