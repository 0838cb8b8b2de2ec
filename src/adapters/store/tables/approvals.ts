import type { Kysely } from 'kysely'
import type {
  Approval,
  ApprovalRequest,
  Decision,
  DecisionStatement,
} from '../../../core/approval.ts'
import { canonicalJson } from '../../../core/canonical.ts'
import type { ApprovalTable } from '../../../ports/store.ts'
import type { ApprovalRow, Schema } from '../schema.ts'

/** Approval requests of one project and what was decided about them. */
export function createApprovalTable(db: Kysely<Schema>, project: string): ApprovalTable {
  const rows = () => db.selectFrom('approvals').selectAll().where('project', '=', project)
  const newest = () => rows().orderBy('created_at', 'desc').orderBy('id', 'desc')
  const whole = async (row: ApprovalRow | undefined) =>
    row ? fromRow(row, await decisionsOf(db, project, row.id)) : null
  const get: ApprovalTable['get'] = async (id) =>
    await whole(await rows().where('id', '=', id).executeTakeFirst())
  return {
    async insert({ request, decisions, ...columns }) {
      await db
        .insertInto('approvals')
        .values({ ...columns, request: canonicalJson(request) })
        .execute()
      for (const decision of decisions) await insertDecision(db, project, decision)
    },
    get,
    async list({ states, environment, limit }) {
      const ofStates = states ? newest().where('state', 'in', states) : newest()
      const query =
        environment === undefined ? ofStates : ofStates.where('environment', '=', environment)
      return await withDecisions(db, project, await query.limit(limit).execute())
    },
    async current(environment, requester, now) {
      const row = await newest()
        .where('environment', '=', environment)
        .where('requester', '=', requester)
        .where('state', 'in', ['open', 'approved'])
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return await whole(row)
    },
    async byCode(codeSha256) {
      const id = await withCode(db, project, codeSha256)
      return id === null ? null : await get(id)
    },
    decide: (decision) => insertDecision(db, project, decision),
    move: (id, from, to, changes) => move(db, project, { id, from, to, changes }),
  }
}

/** The request that a one-time code belongs to. */
async function withCode(
  db: Kysely<Schema>,
  project: string,
  codeSha256: string,
): Promise<string | null> {
  const found = await db
    .selectFrom('approval_decisions')
    .select('approval_id')
    .where('project', '=', project)
    .where('code_sha256', '=', codeSha256)
    .executeTakeFirst()
  return found?.approval_id ?? null
}

type Move = Parameters<ApprovalTable['move']>

async function move(
  db: Kysely<Schema>,
  project: string,
  { id, from, to, changes }: { id: Move[0]; from: Move[1]; to: Move[2]; changes: Move[3] },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('approvals')
    .set({ ...changes, state: to })
    .where('project', '=', project)
    .where('id', '=', id)
    .where('state', '=', from)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

async function withDecisions(
  db: Kysely<Schema>,
  project: string,
  rows: readonly ApprovalRow[],
): Promise<Approval[]> {
  const found: Approval[] = []
  for (const row of rows) found.push(fromRow(row, await decisionsOf(db, project, row.id)))
  return found
}

async function decisionsOf(
  db: Kysely<Schema>,
  project: string,
  approvalId: string,
): Promise<Decision[]> {
  const found = await db
    .selectFrom('approval_decisions')
    .selectAll()
    .where('project', '=', project)
    .where('approval_id', '=', approvalId)
    .orderBy('decided_at')
    .orderBy('id')
    .execute()
  return found.map(({ project: _project, code_sha256: _code, ...decision }) => decision)
}

async function insertDecision(
  db: Kysely<Schema>,
  project: string,
  decision: Decision,
): Promise<void> {
  const { code_sha256 } = JSON.parse(decision.statement) as Partial<DecisionStatement>
  await db
    .insertInto('approval_decisions')
    .values({ ...decision, project, code_sha256: code_sha256 ?? null })
    .execute()
}

function fromRow(row: ApprovalRow, decisions: Decision[]): Approval {
  return { ...row, request: JSON.parse(row.request) as ApprovalRequest, decisions }
}
