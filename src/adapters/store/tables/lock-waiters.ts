import type { Kysely } from 'kysely'
import type { LockTable } from '../../../ports/store.ts'
import type { Schema } from '../schema.ts'

export type WaiterTable = Pick<LockTable, 'waiters' | 'wait' | 'unwait'>

/** Who was refused because of a lock. */
export function createWaiterTable(db: Kysely<Schema>, project: string): WaiterTable {
  return {
    waiters: (environment) =>
      db
        .selectFrom('lock_waiters')
        .select(['environment', 'waiter', 'reason', 'first_refused_at', 'last_refused_at'])
        .where('project', '=', project)
        .where('environment', '=', environment)
        .orderBy('first_refused_at')
        .orderBy('waiter')
        .execute(),
    async wait(waiter) {
      const { reason, last_refused_at } = waiter
      await db
        .insertInto('lock_waiters')
        .values({ ...waiter, project })
        .onConflict((conflict) =>
          conflict
            .columns(['project', 'environment', 'waiter'])
            .doUpdateSet({ reason, last_refused_at }),
        )
        .execute()
    },
    async unwait(environment, waiter, before) {
      await db
        .deleteFrom('lock_waiters')
        .where('project', '=', project)
        .where('environment', '=', environment)
        .where((is) =>
          is.or([
            is('last_refused_at', '<', before),
            ...(waiter === null ? [] : [is('waiter', '=', waiter)]),
          ]),
        )
        .execute()
    },
  }
}
