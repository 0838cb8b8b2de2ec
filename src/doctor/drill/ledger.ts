import type { Call } from '../../ports/context.ts'
import { done, notDone, type Seen } from './step.ts'

/** Everything that a dry run must leave as it is. */
export interface Ledger {
  deployments: number
  approvals: string[]
  locks: string[]
  holds: number
}

/** More requests than anybody has open; newer ones come first. */
const mostApprovals = 1000

/** What is on record now. Opens the store as any call does, so an older one is brought up to date first. */
export async function ledger(call: Call): Promise<Ledger> {
  const names = call.project.environments.map(({ name }) => name)
  return await call.store.read(async ({ deployments, approvals, locks, holds }) => {
    const { total } = await deployments.list({ limit: 1 })
    const requests = await approvals.list({ limit: mostApprovals })
    const states = requests.map(({ id, state }) => `${id} ${state}`)
    const record: Ledger = { deployments: total, approvals: states, locks: [], holds: 0 }
    for (const name of names) {
      const lock = await locks.get(name)
      if (lock) record.locks.push(`${name} ${lock.deployment_id}`)
      record.holds += (await holds.list(name)).length
    }
    return record
  })
}

/** Compares with what was there before the drill; null: that could not be read. */
export async function changedSince(call: Call, before: Ledger | null): Promise<Seen> {
  const now = await ledger(call)
  if (before === null)
    return notDone('what was there before the drill could not be read', 'gonogo doctor --drill')
  const names = Object.keys(now) as (keyof Ledger)[]
  const changed = names.filter((name) => JSON.stringify(now[name]) !== JSON.stringify(before[name]))
  if (changed.length > 0) {
    const message = `${changed.join(', ')} changed meanwhile: by somebody else, or by a defect`
    return notDone(message, 'gonogo audit, then drill again when nothing is under way')
  }
  const { deployments, approvals, locks } = now
  const counts = `${deployments} deployment(s), ${approvals.length} request(s), ${locks.length} lock(s)`
  return done(`${counts}, as before`)
}
