import { sql, type Kysely } from 'kysely'
import { canonicalJson, toJson } from '../../../core/canonical.ts'
import type { Check } from '../../../core/check.ts'
import type { Evidence, EvidenceTable } from '../../../ports/store.ts'
import type { EvidenceRow, Schema } from '../schema.ts'

const columns = [
  'id',
  'sha',
  'environment',
  'subject',
  'result',
  'deployment_id',
  'recorded_at',
] as const

/** Stored checks of one project. */
export function createEvidenceTable(db: Kysely<Schema>, project: string): EvidenceTable {
  const rows = () => db.selectFrom('evidence').select(columns).where('project', '=', project)
  return {
    async insert({ check, ...evidence }) {
      await db
        .insertInto('evidence')
        .values({
          ...evidence,
          project,
          check_name: check.check_name,
          result: canonicalJson(toJson(check)),
        })
        .execute()
    },
    async latest({ check_name, sha, environment, subject, since }) {
      const row = await rows()
        .where('check_name', '=', check_name)
        .where('sha', '=', sha)
        .where('subject', '=', subject)
        .where('recorded_at', '>=', since)
        // A result without an environment holds for every one.
        .where((is) => is.or([is('environment', 'is', null), is('environment', '=', environment)]))
        .orderBy('recorded_at', 'desc')
        .orderBy('id', 'desc')
        .executeTakeFirst()
      return row ? fromRow(row) : null
    },
    async ofDeployment(deploymentId) {
      const found = await rows()
        .where('deployment_id', '=', deploymentId)
        .orderBy('recorded_at')
        // The checks of one step share a millisecond: they are shown in the order they ran.
        .orderBy(sql`rowid`)
        .execute()
      return found.map(fromRow)
    },
  }
}

function fromRow({ result, ...evidence }: Pick<EvidenceRow, (typeof columns)[number]>): Evidence {
  return { ...evidence, check: JSON.parse(result) as Check }
}
