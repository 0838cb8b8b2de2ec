import type { Deployment } from '../core/deployment.ts'
import { toFailure } from '../core/failure.ts'
import type { Call } from '../ports/context.ts'
import { deliverSoon } from '../tools/support/notify.ts'
import { driveOnce } from './drive.ts'
import { freeAbandoned, type Lease } from './lease.ts'

/** How a keeper's work came to an end. */
export type Kept = 'ended' | 'watched_by_another' | 'gave_up' | 'interrupted'

/** Turns in a row that may fail before the keeper leaves the deployment to a later one. */
const patience = 40
const idleMs = 200
const storeTroubleMs = 1000

/**
 * Drives one deployment to its end. If another process holds the lease it waits for that lease to
 * run out or its owner to die, and leaves when it is renewed: then somebody else is at work.
 */
export async function keep(
  call: Call,
  lease: Lease,
  id: string,
  log: (line: string) => void,
): Promise<Kept> {
  let failures = 0
  const isRenewed = watchForeignLease(call, lease)
  // Whoever started this deployment may have died before anybody was told of it.
  await deliverSoon(call)
  while (!call.signal.aborted && failures < patience) {
    try {
      const turn = await driveOnce(call, lease, id)
      // Waiting for the next attempt is not a success.
      if (turn) failures = turn.problem === null ? 0 : failures + 1
      if (turn?.problem) log(`${id}: ${turn.problem}`)
      const row = await call.store.read((tables) => tables.deployments.get(id))
      if (row === null || row.phase === 'ended') return 'ended'
      if (turn === null && (await isRenewed(row))) return 'watched_by_another'
      await rest(call, row)
    } catch (error) {
      // A store that is busy or full for a while costs turns, never the keeper.
      failures++
      log(`${id}: ${toFailure(error).message}`)
      await pause(call, storeTroubleMs)
    }
  }
  return call.signal.aborted ? 'interrupted' : 'gave_up'
}

/** Drives everything that is due until it is told to stop. */
export async function reconcile(
  call: Call,
  lease: Lease,
  log: (line: string) => void,
): Promise<void> {
  while (!call.signal.aborted) {
    try {
      const turn = await driveOnce(call, lease)
      if (turn?.problem != null) log(`${turn.deployment.id}: ${turn.problem}`)
      if (turn === null && !(await inherit(call, lease))) await pause(call, idleMs)
    } catch (error) {
      log(toFailure(error).message)
      await pause(call, storeTroubleMs)
    }
  }
}

/** Frees what dead processes still hold; true when there was something. */
async function inherit(call: Call, lease: Lease): Promise<boolean> {
  const { rows } = await call.store.read((tables) =>
    tables.deployments.list({ limit: 100, underWay: true }),
  )
  for (const row of rows) {
    if (isHeld(call, lease, row) && (await freeAbandoned(call, row))) return true
  }
  return false
}

/** Tells, from one look to the next, whether another process renewed its lease. Frees a dead one's. */
function watchForeignLease(call: Call, lease: Lease): (row: Deployment) => Promise<boolean> {
  let first: number | null = null
  return async (row) => {
    if (!isHeld(call, lease, row) || (await freeAbandoned(call, row))) return false
    first ??= row.lease_until
    return row.lease_until > first
  }
}

/** Whether another process has the lease. */
function isHeld({ runtime }: Call, lease: Lease, row: Deployment): boolean {
  return (
    row.lease_owner !== null && row.lease_owner !== lease.owner && row.lease_until > runtime.now()
  )
}

async function rest(call: Call, row: Deployment): Promise<void> {
  const wait = Math.min(1000, Math.max(0, row.due_at - call.runtime.now()))
  if (wait > 0) await pause(call, wait)
  else if (row.lease_until > call.runtime.now()) await pause(call, 20)
}

/** Ends early, and never rejects, when the process is told to stop. */
async function pause(call: Call, ms: number): Promise<void> {
  await call.runtime.sleep(ms, call.signal).catch(() => undefined)
}
