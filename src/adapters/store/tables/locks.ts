import type { Kysely } from 'kysely'
import type { Lock, LockTable, PersonsLock } from '../../../ports/store.ts'
import type { LockRow, Schema } from '../schema.ts'
import { createWaiterTable, type WaiterTable } from './lock-waiters.ts'

/** Locks of one project: the primary key is what makes them exclusive. */
export function createLockTable(db: Kysely<Schema>, project: string): LockTable {
  return { ...heldLocks(db, project), ...createWaiterTable(db, project) }
}

function heldLocks(db: Kysely<Schema>, project: string): Omit<LockTable, keyof WaiterTable> {
  const place = placeOf(db, project)
  return {
    async get(environment) {
      const found = await place.row(environment)
      return found ? fromRow(found) : null
    },
    async take(lock) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('locks')
        .values({ ...lock, project, lent_by: null })
        .onConflict((conflict) => conflict.columns(['project', 'environment']).doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    async transfer(environment, lock) {
      const held = await place.row(environment)
      // Going on would let two deployments into the environment.
      if (!held) throw new Error(`no lock on ${environment} to hand over`)
      const lent_by = held.deployment_id === null ? text(held) : held.lent_by
      await place.set(environment, { ...lock, environment, lent_by })
    },
    async release(environment, deploymentId) {
      const held = await place.row(environment)
      if (held?.deployment_id === deploymentId) await place.free(held)
    },
    remove: async (lock) => removed(place, lock, await place.row(lock.environment)),
  }
}

type Place = ReturnType<typeof placeOf>

/** The one row of an environment. */
function placeOf(db: Kysely<Schema>, project: string) {
  const set = async (environment: string, change: Partial<LockRow>): Promise<void> => {
    await db
      .updateTable('locks')
      .set(change)
      .where('project', '=', project)
      .where('environment', '=', environment)
      .execute()
  }
  return {
    set,
    row: (environment: string) =>
      db
        .selectFrom('locks')
        .selectAll()
        .where('project', '=', project)
        .where('environment', '=', environment)
        .executeTakeFirst(),
    async free({ environment, lent_by }: LockRow): Promise<void> {
      if (lent_by !== null) return await set(environment, givenBack(lent_by))
      await db
        .deleteFrom('locks')
        .where('project', '=', project)
        .where('environment', '=', environment)
        .execute()
    },
  }
}

async function removed(place: Place, lock: Lock, held: LockRow | undefined): Promise<boolean> {
  if (!held) return false
  if (held.deployment_id === lock.deployment_id && text(held) === text(lock)) {
    await place.free(held)
    return true
  }
  const isLent = lock.deployment_id === null && held.lent_by === text(lock)
  if (isLent) await place.set(lock.environment, { lent_by: null })
  return isLent
}

function fromRow({ project: _project, lent_by, ...lock }: LockRow): Lock {
  return lent_by === null ? lock : { ...lock, lent_by: JSON.parse(lent_by) as PersonsLock }
}

function text({ holder, reason, since }: PersonsLock): string {
  return JSON.stringify({ holder, reason, since })
}

function givenBack(lentBy: string): Partial<LockRow> {
  return { ...(JSON.parse(lentBy) as PersonsLock), deployment_id: null, lent_by: null }
}
