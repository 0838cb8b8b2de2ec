import type { Deployment } from '../../core/deployment.ts'
import { toFailure } from '../../core/failure.ts'
import { ownerLabel } from '../../core/lease-owner.ts'
import type { Call } from '../../ports/context.ts'

/** Makes sure a process drives this deployment; whoever comes along may start one, the lease keeps it single. */
export async function ensureKeeper(
  call: Call,
  deployment: Deployment,
): Promise<{ watched_by: string | null; problem: string | null }> {
  const { lease_owner: owner, lease_until } = deployment
  if (owner !== null && lease_until > call.runtime.now() && (await call.keepers.mayLive(owner))) {
    return { watched_by: ownerLabel(owner), problem: null }
  }
  try {
    return { watched_by: await call.keepers.start(deployment.id), problem: null }
  } catch (error) {
    const hint = `gonogo keep ${deployment.id}`
    return {
      watched_by: null,
      problem: `nobody watches it (${toFailure(error).message}): run ${hint}`,
    }
  }
}
