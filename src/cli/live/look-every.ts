import type { Call } from '../../ports/context.ts'

const shortestMs = 1000

/** How often a view looks: no more often than the pipeline is worth being asked. */
export function lookEveryMs({ pipeline }: Pick<Call, 'pipeline'>): number {
  return Math.max(shortestMs, pipeline?.pace.least ?? 0)
}
