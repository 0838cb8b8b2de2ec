import type { Kysely } from 'kysely'
import { canonicalJson } from '../../../core/canonical.ts'
import type {
  Deployment,
  DeploymentFault,
  DeploymentPatch,
  DeploymentStatus,
} from '../../../core/deployment.ts'
import type { DeploymentFilter, DeploymentTable } from '../../../ports/store.ts'
import type { DeploymentRow, Schema } from '../schema.ts'

const failedStatuses: readonly DeploymentStatus[] = ['failure', 'cancelled', 'outcome_unknown']

/** Deployments of one project. */
export function createDeploymentTable(db: Kysely<Schema>, project: string): DeploymentTable {
  const rows = () => db.selectFrom('deployments').selectAll().where('project', '=', project)
  return {
    async insert(deployment) {
      await db.insertInto('deployments').values(toRow(deployment)).execute()
    },
    putObserved: (deployment) => putObserved(db, toRow(deployment)),
    async get(id) {
      const row = await rows().where('id', '=', id).executeTakeFirst()
      return row ? fromRow(row) : null
    },
    async byApproval(approvalId) {
      const found = await rows().where('approval_id', '=', approvalId).execute()
      return found.map(fromRow)
    },
    list: (filter) => list(db, project, filter),
    claim: (claim) => claimDue(db, project, claim),
    async update(id, fence, patch) {
      const { numUpdatedRows } = await db
        .updateTable('deployments')
        // The unchanged fence keeps the statement valid for a patch that changes nothing.
        .set({ ...toColumns(patch), fence })
        .where('project', '=', project)
        .where('id', '=', id)
        .where('fence', '=', fence)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },
    async fenceOff(id) {
      await db
        .updateTable('deployments')
        .set((row) => ({ fence: row('fence', '+', 1), lease_owner: null, lease_until: 0 }))
        .where('project', '=', project)
        .where('id', '=', id)
        .execute()
    },
  }
}

/** What was known once stays: runs are deleted, and tags are moved. */
async function putObserved(db: Kysely<Schema>, row: DeploymentRow): Promise<void> {
  const { status, completed_at, release_sha, release_version, fault, bypass } = row
  const stored = db.updateTable('deployments').where('id', '=', row.id)
  await db
    .insertInto('deployments')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({ status, completed_at, fault })
        .where((old) =>
          old.and([
            // What a rollback here made of it stays.
            old('deployments.status', '!=', 'rolled_back'),
            old.or([
              old('deployments.release_sha', 'in', ['', release_sha]),
              old('deployments.status', 'in', ['in_progress', 'waiting_approval']),
            ]),
          ]),
        ),
    )
    .execute()
  if (bypass === 1) await stored.set({ bypass }).execute()
  if (release_sha === '') return
  await stored.set({ release_sha, release_version }).where('release_sha', '=', '').execute()
}

async function list(db: Kysely<Schema>, project: string, filter: DeploymentFilter) {
  const matching = filtered(db, project, filter)
  const { total } = await matching
    .select((builder) => builder.fn.countAll().as('total'))
    .executeTakeFirstOrThrow()
  const rows = await matching
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .execute()
  return { rows: rows.map(fromRow), total: Number(total) }
}

function filtered(db: Kysely<Schema>, project: string, filter: DeploymentFilter) {
  let query = db.selectFrom('deployments').where('project', '=', project)
  if (filter.environment !== undefined) query = query.where('environment', '=', filter.environment)
  if (filter.includeFailed === false) query = query.where('status', 'not in', failedStatuses)
  if (filter.kinds) query = query.where('kind', 'in', filter.kinds)
  if (filter.from !== undefined) query = query.where('created_at', '>=', filter.from)
  if (filter.until !== undefined) query = query.where('created_at', '<', filter.until)
  if (filter.underWay) query = query.where('phase', '!=', 'ended')
  return query
}

/** One statement, so that of many workers exactly one gets the row. */
async function claimDue(
  db: Kysely<Schema>,
  project: string,
  claim: Parameters<DeploymentTable['claim']>[0],
): Promise<Deployment | null> {
  const row = await db
    .updateTable('deployments')
    .set((old) => ({
      lease_owner: claim.owner,
      lease_until: claim.until,
      fence: old('fence', '+', 1),
    }))
    .where('project', '=', project)
    .where('id', '=', dueId(db, project, claim))
    .returningAll()
    .executeTakeFirst()
  return row ? fromRow(row) : null
}

function dueId(
  db: Kysely<Schema>,
  project: string,
  { owner, now, id }: Parameters<DeploymentTable['claim']>[0],
) {
  const due = db
    .selectFrom('deployments')
    .select('id')
    .where('project', '=', project)
    .where('phase', '!=', 'ended')
    .where('due_at', '<=', now)
    .where((row) =>
      row.or([
        row('lease_owner', 'is', null),
        row('lease_owner', '=', owner),
        row('lease_until', '<=', now),
      ]),
    )
    .orderBy('due_at')
    .orderBy('id')
    .limit(1)
  return id === undefined ? due : due.where('id', '=', id)
}

function toRow(deployment: Deployment): DeploymentRow {
  const { release, from, fault, verified, bypass, ...columns } = deployment
  return {
    ...columns,
    release_sha: release.sha,
    release_version: release.version,
    from_sha: from?.sha ?? null,
    from_version: from?.version ?? null,
    fault: fault ? canonicalJson(fault) : null,
    verified: verified ? 1 : 0,
    bypass: bypass ? 1 : 0,
  }
}

function toColumns(patch: DeploymentPatch): Partial<DeploymentRow> {
  const { fault, verified, ...columns } = patch
  return {
    ...columns,
    ...(fault !== undefined && { fault: fault ? canonicalJson(fault) : null }),
    ...(verified !== undefined && { verified: verified ? 1 : 0 }),
  }
}

function fromRow(row: DeploymentRow): Deployment {
  const { release_sha, release_version, from_sha, from_version, ...columns } = row
  return {
    ...columns,
    release: { sha: release_sha, version: release_version },
    from:
      from_sha !== null && from_version !== null ? { sha: from_sha, version: from_version } : null,
    fault: columns.fault === null ? null : (JSON.parse(columns.fault) as DeploymentFault),
    verified: columns.verified === 1,
    bypass: columns.bypass === 1,
  }
}
