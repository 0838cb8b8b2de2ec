import type { Deployment } from '../core/deployment.ts'
import type { Call } from '../ports/context.ts'

/** Who drives, and for how long others stay away. */
export interface Lease {
  /** As `Keepers.self` says. */
  owner: string
  ms: number
}

/**
 * Renews the lease at a third of its length while `work` runs. When a renewal finds the fence
 * bumped, somebody else drives: the work's signal aborts and nothing it did is written.
 */
export async function withLease<T>(
  call: Call,
  lease: Lease,
  deployment: Deployment,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController()
  const done = new AbortController()
  const renewing = renew(call, lease, deployment, lost, done.signal)
  try {
    return await work(lost.signal)
  } finally {
    done.abort()
    await renewing
  }
}

async function renew(
  call: Call,
  lease: Lease,
  { id, fence }: Deployment,
  lost: AbortController,
  done: AbortSignal,
): Promise<void> {
  while (!done.aborted) {
    try {
      await call.runtime.sleep(lease.ms / 3, done)
    } catch {
      return
    }
    const lease_until = call.runtime.now() + lease.ms
    const kept = await call.store
      .write((tables) => tables.deployments.update(id, fence, { lease_until }))
      .catch(() => true)
    if (!kept) return lost.abort(new Error(`the lease of ${id} was taken over`))
  }
}

/**
 * Frees the lease of a process that is provably gone, so that nobody waits for the dead. True when
 * there was one; whoever held it can no longer write, should it be at work after all.
 */
export async function freeAbandoned(
  call: Call,
  { id, fence, ...row }: Deployment,
): Promise<boolean> {
  const { lease_owner: owner } = row
  if (owner === null || (await call.keepers.mayLive(owner))) return false
  return await call.store.write(async (tables) => {
    if ((await tables.deployments.get(id))?.fence !== fence) return false
    await tables.deployments.fenceOff(id)
    return true
  })
}
