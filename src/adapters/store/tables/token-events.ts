import type { Kysely } from 'kysely'
import type { TokenEventTable } from '../../../ports/store.ts'
import type { Schema } from '../schema.ts'

/** What became known about secrets of one project, by their labels. */
export function createTokenEventTable(db: Kysely<Schema>, project: string): TokenEventTable {
  return {
    async insert(event) {
      await db
        .insertInto('token_events')
        .values({ ...event, project })
        .execute()
    },
    list({ kind, since, caller }) {
      const query = db
        .selectFrom('token_events')
        .select(['kind', 'label', 'caller', 'at'])
        .where('project', '=', project)
        .where('kind', '=', kind)
        .where('at', '>=', since)
      const narrowed = caller === undefined ? query : query.where('caller', '=', caller)
      return narrowed.orderBy('at', 'desc').execute()
    },
  }
}
