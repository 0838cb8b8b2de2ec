import type { Kysely } from 'kysely'
import type { ReviewOwed, ReviewOwedTable } from '../../../ports/store.ts'
import type { ReviewOwedRow, Schema } from '../schema.ts'

/** Deployments of one project that went around gates. */
export function createReviewOwedTable(db: Kysely<Schema>, project: string): ReviewOwedTable {
  const rows = () => db.selectFrom('reviews_owed').selectAll().where('project', '=', project)
  return {
    async insert({ gates, ...owed }) {
      await db
        .insertInto('reviews_owed')
        .values({ ...owed, project, gates: JSON.stringify(gates) })
        .execute()
    },
    async get(deploymentId) {
      const row = await rows().where('deployment_id', '=', deploymentId).executeTakeFirst()
      return row ? fromRow(row) : null
    },
    async list({ open = false, limit }) {
      const query = open ? rows().where('reviewed_at', 'is', null) : rows()
      const found = await query
        .orderBy('owed_since', 'desc')
        .orderBy('deployment_id', 'desc')
        .limit(limit)
        .execute()
      return found.map(fromRow)
    },
    async review(deploymentId, review) {
      const { numUpdatedRows } = await db
        .updateTable('reviews_owed')
        .set(review)
        .where('project', '=', project)
        .where('deployment_id', '=', deploymentId)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },
  }
}

function fromRow({ project: _project, gates, ...row }: ReviewOwedRow): ReviewOwed {
  return { ...row, gates: JSON.parse(gates) as string[] }
}
