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

const empty: Ledger = { deployments: 0, approvals: [], locks: [], holds: 0 }

/** What is on record now; a store that is not there yet has nothing. */
export async function ledger(call: Call): Promise<Ledger> {
  const names = call.project.environments.map(({ name }) => name)
  const found = await call.store.inspect(async ({ deployments, approvals, locks, holds }) => {
    const { total } = await deployments.list({ limit: 1 })
    const requests = await approvals.list({ limit: mostApprovals })
    const record: Ledger = { ...empty, deployments: total, locks: [] }
    record.approvals = requests.map(({ id, state }) => `${id} ${state}`)
    for (const name of names) {
      const lock = await locks.get(name)
      if (lock) record.locks.push(`${name} ${lock.deployment_id}`)
      record.holds += (await holds.list(name)).length
    }
    return record
  })
  return found?.seen ?? empty
}

/** Compares with what was there before the drill. */
export async function changedSince(call: Call, before: Ledger): Promise<Seen> {
  const now = await ledger(call)
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
