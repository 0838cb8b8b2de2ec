import type { DeploymentKind } from '../../core/deployment.ts'
import { estimateMinutes } from '../../core/deployment.ts'
import type { Call } from '../../ports/context.ts'

/** How many earlier successes an estimate rests on at most. */
const estimateSample = 20

/** Median minutes of the environment's own successes of these kinds; null without any. */
export async function estimatedMinutes(
  call: Call,
  environment: string,
  kinds: readonly DeploymentKind[] = ['deploy', 'promotion'],
): Promise<number | null> {
  const { rows } = await call.store.read((tables) =>
    tables.deployments.list({ environment, limit: 100, includeFailed: false }),
  )
  const durations = rows
    .filter((row) => kinds.includes(row.kind) && row.status === 'success')
    .flatMap((row) => (row.completed_at === null ? [] : [row.completed_at - row.created_at]))
  return estimateMinutes(durations.slice(0, estimateSample))
}
