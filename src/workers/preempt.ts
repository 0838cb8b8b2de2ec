import {
  advance,
  isUnderWay,
  type Deployment,
  type DeploymentEvent,
  type DeploymentPatch,
} from '../core/deployment.ts'
import type { Tables } from '../ports/store.ts'
import { auditResult } from './audit-result.ts'
import { settle } from './close.ts'
import { takePlatformLock } from './platform-lock.ts'
import type { Step, StepRequest } from './step.ts'

/**
 * Ends the deployment that a rollback replaces. Its fence was bumped when the rollback was admitted,
 * so whoever drove it can no longer write; here its run is stopped and its row closed.
 */
export const preempt: Step = async (request) => {
  const { call, deployment } = request
  const old = await call.store.read((tables) => tables.deployments.get(deployment.preempts ?? ''))
  if (old === null || old.phase === 'ended') return { event: { type: 'preempted' } }
  // It may have come to its outcome by itself just before; then only the closing is left to do.
  // Handed over before it could be freed: nobody slips in between.
  await takePlatformLock(request)
  const patch = isUnderWay(old) ? await interrupt(request, old) : {}
  const ended = { ...old, ...patch }
  await auditResult(call, ended)
  return {
    event: { type: 'preempted' },
    also: async (tables) => {
      await settle(call, tables, ended)
      await endRow(tables, old.id, patch)
    },
  }
}

async function interrupt(
  { call, deployment, pipeline }: StepRequest,
  old: Deployment,
): Promise<DeploymentPatch> {
  const run = await pipeline.cancel(old)
  call.runtime.reached('preempt.cancelled')
  const cause = `interrupted by ${deployment.id}`
  // A run that nobody could find was not cancelled: it may still turn up.
  const event: DeploymentEvent =
    run?.state === 'lost' && old.phase !== 'verifying'
      ? { type: 'run_lost', cause: `${cause}; ${run.cause ?? 'its run is lost'}` }
      : { type: 'run_cancelled', cause }
  return advance(old, event, call.runtime.now())
}

async function endRow(tables: Tables, id: string, patch: DeploymentPatch): Promise<void> {
  const row = await tables.deployments.get(id)
  if (row) await tables.deployments.update(id, row.fence, { ...patch, phase: 'ended' })
}
