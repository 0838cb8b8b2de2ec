import type { Kysely } from 'kysely'
import type { Approval, ApprovalRequest } from '../../../core/approval.ts'
import { canonicalJson } from '../../../core/canonical.ts'
import type { ApprovalTable } from '../../../ports/store.ts'
import type { ApprovalRow, Schema } from '../schema.ts'

/** Approval requests of one project and what was decided about them. */
export function createApprovalTable(db: Kysely<Schema>, project: string): ApprovalTable {
  const rows = () => db.selectFrom('approvals').selectAll().where('project', '=', project)
  const newest = () => rows().orderBy('created_at', 'desc').orderBy('id', 'desc')
  return {
    async insert({ request, ...columns }) {
      await db
        .insertInto('approvals')
        .values({ ...columns, request: canonicalJson(request) })
        .execute()
    },
    async get(id) {
      const row = await rows().where('id', '=', id).executeTakeFirst()
      return row ? fromRow(row) : null
    },
    async list({ states, limit }) {
      const query = states ? newest().where('state', 'in', states) : newest()
      return (await query.limit(limit).execute()).map(fromRow)
    },
    async current(environment, requester, now) {
      const row = await newest()
        .where('environment', '=', environment)
        .where('requester', '=', requester)
        .where('state', 'in', ['open', 'approved'])
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return row ? fromRow(row) : null
    },
    async move(id, from, to, changes = {}) {
      const { numUpdatedRows } = await db
        .updateTable('approvals')
        .set({ ...changes, state: to })
        .where('project', '=', project)
        .where('id', '=', id)
        .where('state', '=', from)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },
  }
}

function fromRow(row: ApprovalRow): Approval {
  return { ...row, request: JSON.parse(row.request) as ApprovalRequest }
}
