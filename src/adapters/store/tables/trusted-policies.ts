import type { Kysely } from 'kysely'
import type { TrustedPolicyTable } from '../../../ports/store.ts'
import type { Schema } from '../schema.ts'

/** The policy of one project that an approver trusted last. */
export function createTrustedPolicyTable(db: Kysely<Schema>, project: string): TrustedPolicyTable {
  return {
    async put(trusted) {
      await db
        .insertInto('trusted_policies')
        .values(trusted)
        // Replaced whole, so that trusting again also repairs whatever was there.
        .onConflict((conflict) => conflict.column('project').doUpdateSet(trusted))
        .execute()
    },
    async last() {
      const row = await db
        .selectFrom('trusted_policies')
        .selectAll()
        .where('project', '=', project)
        .executeTakeFirst()
      return row ?? null
    },
  }
}
