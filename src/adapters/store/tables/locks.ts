import type { Kysely } from 'kysely'
import type { LockTable } from '../../../ports/store.ts'
import type { Schema } from '../schema.ts'

/** Locks of one project: the primary key is what makes them exclusive. */
export function createLockTable(db: Kysely<Schema>, project: string): LockTable {
  return {
    async get(environment) {
      const lock = await db
        .selectFrom('locks')
        .select(['environment', 'deployment_id', 'holder', 'reason', 'since'])
        .where('project', '=', project)
        .where('environment', '=', environment)
        .executeTakeFirst()
      return lock ?? null
    },
    async take(lock) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('locks')
        .values({ ...lock, project })
        .onConflict((conflict) => conflict.columns(['project', 'environment']).doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    async transfer(environment, lock) {
      const { numUpdatedRows } = await db
        .updateTable('locks')
        .set({ ...lock, environment })
        .where('project', '=', project)
        .where('environment', '=', environment)
        .executeTakeFirstOrThrow()
      // Going on would let two deployments into the environment.
      if (numUpdatedRows === 0n) throw new Error(`no lock on ${environment} to hand over`)
    },
    async release(environment, deploymentId) {
      await db
        .deleteFrom('locks')
        .where('project', '=', project)
        .where('environment', '=', environment)
        .where('deployment_id', '=', deploymentId)
        .execute()
    },
  }
}
