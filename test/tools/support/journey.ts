import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Decision } from '../../../src/core/approval.ts'
import type { Deployment } from '../../../src/core/deployment.ts'
import type { Call } from '../../../src/ports/context.ts'
import { approveById } from '../../support/approve-by-id.ts'
import { deployToStaging } from '../../../src/tools/deploy-to-staging.ts'
import { promoteToProduction } from '../../../src/tools/promote-to-production.ts'
import { rollbackDeployment } from '../../../src/tools/rollback-deployment.ts'
import { runSmokeTests } from '../../../src/tools/run-smoke-tests.ts'
import { validateDeployment } from '../../../src/tools/validate-deployment.ts'
import type { World } from '../../support/fake-context.ts'

/** What the tools that write answer. */
export interface WriteResult {
  status: string
  deployment_id?: string | null
  rollback_id?: string | null
  plan_hash: string
  plan: Record<string, unknown> & { warnings: string[]; skips: string[] }
  warnings: string[]
  blockers?: string[]
  approval: { id: string; state: string; command: string; expires_at: string; level_wanted: string }
  accepted?: string
  watched_by?: string | null
  next?: string
  [field: string]: unknown
}

type Args = Record<string, unknown>

/** Checks and stages a release, and proves it there: what a promotion rests on. */
export async function stage(world: World, version: string, args: Args = {}): Promise<Deployment> {
  const { call } = world
  await validateDeployment.call({ environment: 'staging', git_ref: version, ...args }, call)
  const { output } = await deployToStaging.call({ git_ref: version, ...args }, call)
  const deployment = await world.drive(String(output.deployment_id))
  await runSmokeTests.call({ environment: 'staging' }, call)
  return deployment
}

export async function deploy(call: Call, git_ref: string, args: Args = {}): Promise<WriteResult> {
  const { output } = await deployToStaging.call({ git_ref, ...args }, call)
  return output as unknown as WriteResult
}

export async function promote(call: Call, version: string, args: Args = {}): Promise<WriteResult> {
  const { output } = await promoteToProduction.call({ staging_version: version, ...args }, call)
  return output as unknown as WriteResult
}

export async function rollBack(call: Call, args: Args = {}): Promise<WriteResult> {
  const input = { environment: 'staging', reason: 'errors', ...args }
  const { output } = await rollbackDeployment.call(input, call)
  return output as unknown as WriteResult
}

/** Asks for the promotion, has `ada` approve it, and calls again with the approval. */
export async function promoteApproved(world: World, version: string): Promise<Deployment> {
  const { approval } = await promote(world.call, version)
  await approve(world, approval.id)
  const { deployment_id } = await promote(world.call, version, { approval_token: approval.id })
  return await world.drive(String(deployment_id))
}

export async function approve(world: World, id: string, key = 'ada') {
  return await approveById(world.as({ kind: 'human', name: key }), id, key)
}

/** Staged, approved and live. */
export async function release(world: World, version: string): Promise<Deployment> {
  await stage(world, version)
  return await promoteApproved(world, version)
}

/** What somebody with a database client could do to what was decided about a request. */
export function tamperDecisions(
  world: World,
  id: string,
  columns: Record<string, string | null>,
): void {
  change(world, 'approval_decisions', 'approval_id', id, columns)
}

/** A row that somebody writes by hand. */
export function forgeDecision(world: World, row: Decision): void {
  const database = new DatabaseSync(join(world.directory, 'gonogo.db'))
  const { project } = world.call
  const columns: Record<string, string | number | null> = { ...row, project: project.name }
  const names = Object.keys(columns)
  database
    .prepare(
      `insert into approval_decisions (${names.join(',')}) values (${names.map(() => '?').join(',')})`,
    )
    .run(...Object.values(columns))
  database.close()
}

/** What somebody with a database client could do to a request. */
export function tamper(world: World, id: string, columns: Record<string, string | null>): void {
  change(world, 'approvals', 'id', id, columns)
}

function change(
  world: World,
  table: string,
  key: string,
  id: string,
  columns: Record<string, string | null>,
): void {
  const database = new DatabaseSync(join(world.directory, 'gonogo.db'))
  for (const [column, value] of Object.entries(columns)) {
    database.prepare(`update ${table} set ${column} = ? where ${key} = ?`).run(value, id)
  }
  database.close()
}
