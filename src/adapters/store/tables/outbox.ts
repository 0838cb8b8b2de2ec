import type { Kysely } from 'kysely'
import type { OutboxTable } from '../../../ports/store.ts'
import type { Schema } from '../schema.ts'

const columns = [
  'id',
  'target',
  'event',
  'payload',
  'created_at',
  'due_at',
  'attempts',
  'last_error',
  'delivered_at',
  'abandoned_at',
] as const

/** Messages of one project that have to reach somebody. */
export function createOutboxTable(db: Kysely<Schema>, project: string): OutboxTable {
  const rows = () => db.selectFrom('outbox').select(columns).where('project', '=', project)
  const pending = () => rows().where('delivered_at', 'is', null).where('abandoned_at', 'is', null)
  const update: OutboxTable['update'] = async (id, change) => {
    await db
      .updateTable('outbox')
      .set(change)
      .where('project', '=', project)
      .where('id', '=', id)
      .execute()
  }
  return {
    async insert(message) {
      await db
        .insertInto('outbox')
        .values({ ...message, project })
        .execute()
    },
    async claim(now, until) {
      const due = await pending()
        .where('due_at', '<=', now)
        .orderBy('due_at')
        .orderBy('id')
        .executeTakeFirst()
      if (due === undefined) return null
      await update(due.id, { due_at: until })
      return due
    },
    update,
    list({ pending: open = false, limit }) {
      const query = open ? pending() : rows()
      return query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
    },
  }
}
