import { Failure } from '../core/failure.ts'
import type { Call } from '../ports/context.ts'
import type { Hold } from '../ports/store.ts'
import { environmentNamed } from '../tools/support/environments.ts'
import { audited } from './audited.ts'

/** Releases that were rolled back from an environment and may not return to it. */
export async function listHolds(call: Call, environments: readonly string[]): Promise<Hold[]> {
  return await call.store.read(async (tables) => {
    const holds: Hold[] = []
    for (const environment of environments) holds.push(...(await tables.holds.list(environment)))
    return holds
  })
}

/** Lets a release that was rolled back return. */
export async function liftHold(
  call: Call,
  name: string,
  ref: string,
): Promise<{ environment: string; version: string }> {
  const { name: environment } = environmentNamed(call.project, name)
  const { sha, version } = await call.source.resolve(ref)
  const details = { version, sha }
  const act = { operation: 'hold_lift', environment, details, correlation_id: null }
  return await audited(call, act, async () => {
    const removed = await call.store.write((tables) => tables.holds.remove(environment, sha))
    if (removed) return { environment, version }
    throw new Failure({
      code: 'unknown_version',
      message: `${version} is not held in ${environment}`,
      hint: 'run gonogo hold list',
    })
  })
}
