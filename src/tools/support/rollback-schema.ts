import { toFailure } from '../../core/failure.ts'
import type { MigrationReport, PlannedMigrations } from '../../core/migration.ts'
import type { Environment } from '../../core/project.ts'
import { isFullSha, type Release } from '../../core/release.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import { migrationReport } from './migrations.ts'

/** How far back plans are looked at. */
const historyLimit = 500

/**
 * Whether the release to go back to can run on the schema that is there now, in one sentence. It rests on
 * the migrations between the two commits, and on the plans of what was deployed meanwhile: a deployment
 * that failed may have left its schema behind.
 */
export async function schemaOutlook(
  call: Call,
  environment: Environment,
  current: Release | null,
  target: Release,
): Promise<string> {
  const question = `whether ${target.version} can use the schema that is there now`
  if (current === null || !isFullSha(current.sha))
    return `${question} is unknown: what runs is not known`
  const stored = await plansSince(call, environment, target)
  const bad = stored.find(({ migrations }) => migrations.code_only_rollback === false)
  if (bad) {
    return `${target.version} may not work on the schema that is there now: the plan of ${bad.id} says that its migrations break the release before them`
  }
  try {
    const report = await migrationReport(call, { from: target.sha, to: current.sha })
    return fromReport(report, { question, current, target, unsure: stored.find(isUnsure)?.id })
  } catch (error) {
    return fromPlans(stored, question, oneLine(toFailure(error).message, 200))
  }
}

interface Asked {
  question: string
  current: Release
  target: Release
  /** A deployment whose plan could not tell. */
  unsure: string | undefined
}

function fromReport(report: MigrationReport, { question, current, target, unsure }: Asked): string {
  const { code_only_rollback: works, directories, findings, revisions } = report
  const doubt = works === false ? true : null
  const harm = findings.find(({ breaks_old_release }) => breaks_old_release === doubt)
  const reason = harm ? oneLine(`${harm.file}:${harm.line}: ${harm.effect ?? harm.kind}`, 240) : ''
  if (works === false)
    return `${target.version} may not work on the schema of ${current.version}: ${reason}`
  if (directories.length === 0)
    return `${question} is unknown: no migrations were found in the repository`
  if (works === null) return `${question} is unknown: ${reason}`
  if (unsure !== undefined) return `${question} is unknown: so says the plan of ${unsure}`
  const why =
    revisions.length === 0
      ? 'no migration lies between them'
      : 'it can live with every migration between them'
  return `the schema of ${current.version} can be used by ${target.version}: ${why}`
}

/** The commits cannot be read: what was said when they were deployed is all there is. */
function fromPlans(stored: readonly Stored[], question: string, problem: string): string {
  const unread = `the migrations cannot be read now (${problem})`
  const unsure = stored.find(isUnsure)
  if (unsure) return `${question} is unknown: so says the plan of ${unsure.id}, and ${unread}`
  return `${question} is unknown: ${unread}`
}

interface Stored {
  id: string
  migrations: PlannedMigrations
}

function isUnsure({ migrations }: Stored): boolean {
  return migrations.code_only_rollback === null
}

/** Of every deployment since the target was put here last, as far as its plan tells. */
async function plansSince(call: Call, { name }: Environment, target: Release): Promise<Stored[]> {
  const { rows } = await call.store.read((tables) =>
    tables.deployments.list({ environment: name, limit: historyLimit }),
  )
  const last = rows.findIndex(
    ({ release, status }) => release.sha === target.sha && status === 'success',
  )
  const since = last === -1 ? [] : rows.slice(0, last)
  return since.flatMap(({ id, kind, plan, run_id }) => {
    const migrations = kind === 'rollback' || run_id === null ? null : migrationsIn(plan)
    return migrations ? [{ id, migrations }] : []
  })
}

/** Plans of older versions of gonogo do not tell. */
function migrationsIn(plan: string): PlannedMigrations | null {
  try {
    const parsed = JSON.parse(plan) as { migrations?: PlannedMigrations | null } | null
    const found = parsed?.migrations ?? null
    return found !== null && found.revisions.length > 0 ? found : null
  } catch {
    return null
  }
}
