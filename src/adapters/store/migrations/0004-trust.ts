import { sql, type QueryExecutorProvider, type SchemaModule } from 'kysely'

/** Decisions as a history of their own, locks that people hold, and what trust needs besides. */
export async function up(schema: SchemaModule, db: QueryExecutorProvider): Promise<void> {
  await createDecisions(schema)
  await moveDecisions(schema, db)
  await recreateLocks(schema, db)
  await createLineStops(schema)
  await createReviewsOwed(schema)
  await createCallerTokens(schema)
  await createOutbox(schema)
}

async function createDecisions(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('approval_decisions')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('approval_id', 'text', (column) => column.notNull())
    .addColumn('verdict', 'text', (column) => column.notNull())
    .addColumn('method', 'text', (column) => column.notNull())
    .addColumn('person', 'text', (column) => column.notNull())
    .addColumn('identity', 'text', (column) => column.notNull())
    .addColumn('level', 'text', (column) => column.notNull())
    .addColumn('statement', 'text', (column) => column.notNull())
    .addColumn('signature', 'text')
    .addColumn('url', 'text')
    .addColumn('code_sha256', 'text')
    .addColumn('decided_at', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createIndex('decisions_of_approval')
    .on('approval_decisions')
    .columns(['project', 'approval_id', 'decided_at', 'id'])
    .execute()
  await schema
    .createIndex('decisions_by_code')
    .on('approval_decisions')
    .columns(['project', 'code_sha256'])
    .execute()
}

/** What was signed in the old format can be shown and no longer used: it is asked for again. */
async function moveDecisions(schema: SchemaModule, db: QueryExecutorProvider): Promise<void> {
  await sql`
    insert into approval_decisions
      (id, project, approval_id, verdict, method, person, identity, level, statement, signature, decided_at)
    select 'dec_' || id, project, id,
      case state when 'rejected' then 'rejected' else 'approved' end,
      coalesce(method, 'unsigned'), approver, approver, coalesce(level, 'L0'), request, signature, decided_at
    from approvals where approver is not null and decided_at is not null`.execute(db)
  await sql`update approvals set state = 'superseded' where state in ('open', 'approved')`.execute(
    db,
  )
  for (const column of ['method', 'signature', 'approver', 'level', 'decided_at', 'reason']) {
    await schema.alterTable('approvals').dropColumn(column).execute()
  }
}

/** A lock that a person holds has no deployment. */
async function recreateLocks(schema: SchemaModule, db: QueryExecutorProvider): Promise<void> {
  await schema.alterTable('locks').renameTo('locks_before').execute()
  await schema
    .createTable('locks')
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('deployment_id', 'text')
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addColumn('lent_by', 'text')
    .addPrimaryKeyConstraint('locks_key', ['project', 'environment'])
    .execute()
  await sql`
    insert into locks (project, environment, deployment_id, holder, reason, since)
    select project, environment, deployment_id, holder, reason, since from locks_before`.execute(db)
  await schema.dropTable('locks_before').execute()
  await schema
    .createTable('lock_waiters')
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('waiter', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('first_refused_at', 'bigint', (column) => column.notNull())
    .addColumn('last_refused_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('lock_waiters_key', ['project', 'environment', 'waiter'])
    .execute()
}

async function createLineStops(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('line_stops')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('stopped_by', 'text', (column) => column.notNull())
    .addColumn('stopped_at', 'bigint', (column) => column.notNull())
    .addColumn('lift_statement', 'text')
    .addColumn('lift_signature', 'text')
    .addColumn('lifted_by', 'text')
    .addColumn('lifted_at', 'bigint')
    .execute()
}

async function createReviewsOwed(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('reviews_owed')
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('deployment_id', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('gates', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('owed_since', 'bigint', (column) => column.notNull())
    .addColumn('review_statement', 'text')
    .addColumn('review_signature', 'text')
    .addColumn('reviewed_by', 'text')
    .addColumn('reviewed_at', 'bigint')
    .addPrimaryKeyConstraint('reviews_owed_key', ['project', 'deployment_id'])
    .execute()
}

async function createCallerTokens(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('caller_tokens')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('sha256', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('environments', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute()
  await schema
    .createTable('token_events')
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('label', 'text', (column) => column.notNull())
    .addColumn('caller', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createIndex('token_events_newest')
    .on('token_events')
    .columns(['project', 'kind', 'at desc'])
    .execute()
}

async function createOutbox(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('outbox')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('last_error', 'text')
    .addColumn('delivered_at', 'bigint')
    .addColumn('abandoned_at', 'bigint')
    .execute()
  await schema
    .createIndex('outbox_due')
    .on('outbox')
    .columns(['project', 'due_at', 'id'])
    .where(sql.ref('delivered_at'), 'is', null)
    .where(sql.ref('abandoned_at'), 'is', null)
    .execute()
}
