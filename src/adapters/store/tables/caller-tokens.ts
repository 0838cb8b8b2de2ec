import type { Kysely } from 'kysely'
import type { CallerToken, CallerTokenTable } from '../../../ports/store.ts'
import type { CallerTokenRow, Schema } from '../schema.ts'

/** Tokens that name callers of one project, by their hashes. */
export function createCallerTokenTable(db: Kysely<Schema>, project: string): CallerTokenTable {
  return {
    async insert({ environments, ...token }) {
      await db
        .insertInto('caller_tokens')
        .values({ ...token, project, environments: JSON.stringify(environments) })
        .execute()
    },
    async list() {
      const rows = await db
        .selectFrom('caller_tokens')
        .selectAll()
        .where('project', '=', project)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .execute()
      return rows.map(fromRow)
    },
    async revoke(id, at) {
      const { numUpdatedRows } = await db
        .updateTable('caller_tokens')
        .set({ revoked_at: at })
        .where('project', '=', project)
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },
  }
}

function fromRow({ project: _project, environments, ...row }: CallerTokenRow): CallerToken {
  return { ...row, environments: JSON.parse(environments) as string[] }
}
