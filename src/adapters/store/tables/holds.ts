import type { Kysely } from 'kysely'
import type { HoldTable } from '../../../ports/store.ts'
import type { Schema } from '../schema.ts'

/** Releases of one project that must not return by themselves. */
export function createHoldTable(db: Kysely<Schema>, project: string): HoldTable {
  return {
    async insert(hold) {
      const { version, reason, since } = hold
      await db
        .insertInto('holds')
        .values({ ...hold, project })
        // Rolled back from twice: it stays held, for the later reason.
        .onConflict((conflict) =>
          conflict
            .columns(['project', 'environment', 'sha'])
            .doUpdateSet({ version, reason, since }),
        )
        .execute()
    },
    list: (environment) =>
      db
        .selectFrom('holds')
        .select(['environment', 'sha', 'version', 'reason', 'since'])
        .where('project', '=', project)
        .where('environment', '=', environment)
        .orderBy('since', 'desc')
        .orderBy('sha')
        .execute(),
    async remove(environment, sha) {
      const { numDeletedRows } = await db
        .deleteFrom('holds')
        .where('project', '=', project)
        .where('environment', '=', environment)
        .where('sha', '=', sha)
        .executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    },
  }
}
