import { isUnderWay, type Deployment } from '../../core/deployment.ts'
import type { Environment } from '../../core/project.ts'
import type { Release } from '../../core/release.ts'
import type { Call } from '../../ports/context.ts'
import type { LaneStop } from './view.ts'

/** What every environment runs, as the pipeline and the history tell; no live system is asked. */
export async function readLane(call: Call): Promise<LaneStop[]> {
  return await Promise.all(
    call.project.environments.map((environment) => stopOf(call, environment)),
  )
}

async function stopOf(call: Call, environment: Environment): Promise<LaneStop> {
  const { name } = environment
  const { rows } = await call.store.read((tables) =>
    tables.deployments.list({ environment: name, limit: 20 }),
  )
  const [newest] = rows
  if (newest && isUnderWay(newest)) {
    // The pipeline may point to the new release already, before it is known to be any good.
    const { from, release } = newest
    return { name, version: from?.version ?? null, mark: 'changing', next: release.version }
  }
  const current = await currentOf(call, environment)
  const runs = current ?? rows.find(({ status }) => status === 'success')?.release ?? null
  return { name, version: runs?.version ?? null, mark: markOf(rows, runs), next: null }
}

/** The local pipeline knows nothing of an environment that has no place on this machine. */
async function currentOf(call: Call, environment: Environment): Promise<Release | null> {
  const { pipeline, project } = call
  if (project.pipeline === 'local' && environment.local === null) return null
  return (await pipeline?.current(environment).catch(() => null)) ?? null
}

function markOf(rows: readonly Deployment[], runs: Release | null): LaneStop['mark'] {
  const [newest] = rows
  if (newest && newest.status !== 'success' && newest.status !== 'rolled_back') return 'ill'
  if (runs === null) return 'empty'
  return rows.some(({ verified, release }) => verified && release.sha === runs.sha)
    ? 'proven'
    : 'unproven'
}
