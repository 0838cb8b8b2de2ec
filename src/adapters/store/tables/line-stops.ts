import type { Kysely } from 'kysely'
import type { LineStopTable } from '../../../ports/store.ts'
import type { Schema } from '../schema.ts'

/** When all promotions of one project were stopped, and by whose word they went on. */
export function createLineStopTable(db: Kysely<Schema>, project: string): LineStopTable {
  return {
    async insert(stop) {
      await db
        .insertInto('line_stops')
        .values({ ...stop, project })
        .execute()
    },
    list: (limit) =>
      db
        .selectFrom('line_stops')
        .selectAll()
        .where('project', '=', project)
        .orderBy('stopped_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute(),
    async lift(id, lift) {
      const { numUpdatedRows } = await db
        .updateTable('line_stops')
        .set(lift)
        .where('project', '=', project)
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },
  }
}
