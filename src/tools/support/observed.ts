import type { Deployment, DeploymentFault } from '../../core/deployment.ts'
import { toFailure } from '../../core/failure.ts'
import { unknownRelease, type ObservedDeployment } from '../../core/observed.ts'
import { findEnvironment } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'

/** What others deployed, as far as the pipeline's records could be read. */
export interface Observed {
  rows: Deployment[]
  /** Why they could not be read, in one line; null when they were. */
  problem: string | null
}

/** Reads what others deployed. Changes nothing. */
export async function readObserved(call: Call): Promise<Observed> {
  if (!call.pipeline?.observed) return { rows: [], problem: null }
  try {
    const found = await call.pipeline.observed()
    const others = await withoutOwn(call, found)
    return { rows: others.map((deployment) => rowOf(call, deployment)), problem: null }
  } catch (error) {
    const failure = toFailure(error)
    if (failure.code === 'interrupted') throw failure
    return { rows: [], problem: oneLine(failure.message, 200) }
  }
}

/** The same, and keeps them, so that history knows them when the records are gone. */
export async function storeObserved(call: Call): Promise<Observed> {
  const observed = await readObserved(call)
  if (observed.rows.length === 0) return observed
  await call.store.write(async (tables) => {
    for (const row of observed.rows) await tables.deployments.putObserved(row)
  })
  return observed
}

/** History with what was observed just now in it, newest first. */
export function withObserved(
  history: readonly Deployment[],
  observed: readonly Deployment[],
): Deployment[] {
  const fresh = new Map(observed.map((row) => [row.id, row]))
  const others = history.filter(({ id }) => !fresh.has(id))
  return [...others, ...fresh.values()].toSorted(
    (left, right) => right.created_at - left.created_at || (left.id < right.id ? 1 : -1),
  )
}

/** The run of a deployment of this store is ours, whatever else its records say; an id can be copied. */
async function withoutOwn(
  call: Call,
  found: readonly ObservedDeployment[],
): Promise<ObservedDeployment[]> {
  return await call.store.read(async (tables) => {
    const others: ObservedDeployment[] = []
    for (const deployment of found) {
      const { correlation_id } = deployment
      const own = correlation_id === null ? null : await tables.deployments.get(correlation_id)
      const isOwn = own !== null && own.run_id !== null && own.run_id === deployment.run_id
      if (!isOwn) others.push(deployment)
    }
    return others
  })
}

function rowOf(call: Call, observed: ObservedDeployment): Deployment {
  const { environment, status, git_ref, initiated_by, run_id, external_id } = observed
  const { created_at, completed_at } = observed
  return {
    id: `obs_${call.runtime.sha256(`${call.project.name} ${external_id}`).slice(0, 16)}`,
    project: call.project.name,
    environment,
    kind: 'observed',
    status: observed.release === null && status === 'success' ? 'outcome_unknown' : status,
    // Nobody here drives it, so no worker ever claims it.
    phase: 'ended',
    release: observed.release ?? unknownRelease,
    from: null,
    git_ref: oneLine(git_ref, 120),
    initiated_by: oneLine(initiated_by, 80),
    reason: null,
    plan_hash: '',
    plan: '',
    approval_id: null,
    preempts: null,
    run_id,
    external_id,
    bypass: isBypass(call, observed),
    health_status: 'unknown',
    fault: faultOf(observed),
    verified: false,
    created_at,
    completed_at,
    due_at: created_at,
    lease_owner: null,
    lease_until: 0,
    fence: 0,
    attempt: 0,
    last_error: null,
  }
}

function faultOf({ cause }: ObservedDeployment): DeploymentFault | null {
  return cause === null ? null : { phase: 'running', step: null, cause }
}

/** It reached a guarded environment and its run is known not to have verified a signed request. */
function isBypass(
  { project }: Call,
  { environment, status, began, consent_verified }: ObservedDeployment,
): boolean {
  const guarded = findEnvironment(project, environment)?.approval === 'required'
  const reached = began || status === 'success' || status === 'in_progress'
  return guarded && consent_verified === false && reached
}
