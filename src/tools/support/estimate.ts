import type { DeploymentKind } from '../../core/deployment.ts'
import { estimateMinutes, medianDuration } from '../../core/deployment.ts'
import type { Call } from '../../ports/context.ts'

/** How many earlier successes an estimate rests on at most. */
const estimateSample = 20

const forward: readonly DeploymentKind[] = ['deploy', 'promotion']

/** Median minutes of the environment's own successes of these kinds; null without any. */
export async function estimatedMinutes(
  call: Call,
  environment: string,
  kinds: readonly DeploymentKind[] = forward,
): Promise<number | null> {
  return estimateMinutes(await durationsOf(call, environment, kinds))
}

/** How long one of this kind usually takes there, in milliseconds; null without history. */
export async function usualDuration(
  call: Call,
  environment: string,
  kind: DeploymentKind,
): Promise<number | null> {
  const kinds = kind === 'rollback' ? [kind] : forward
  return medianDuration(await durationsOf(call, environment, kinds))
}

async function durationsOf(
  call: Call,
  environment: string,
  kinds: readonly DeploymentKind[],
): Promise<number[]> {
  const { rows } = await call.store.read((tables) =>
    tables.deployments.list({ environment, kinds, limit: 100, includeFailed: false }),
  )
  return rows
    .filter((row) => row.status === 'success')
    .flatMap((row) => (row.completed_at === null ? [] : [row.completed_at - row.created_at]))
    .slice(0, estimateSample)
}
