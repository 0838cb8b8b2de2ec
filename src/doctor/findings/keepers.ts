import type { Deployment } from '../../core/deployment.ts'
import { ownerLabel } from '../../core/lease-owner.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import { fail, ok, unseen, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'

/** Deployments under way, and whether anybody drives them on. */
export async function keeperFindings({ call, records }: Patient): Promise<Finding[]> {
  const found = await records()
  if (found && found.seen === null)
    return [unseen('keepers', 'deployments under way could not be read', 'mend the store first')]
  const underWay = found?.seen?.underWay ?? []
  if (underWay.length === 0) return [ok('keeper', 'no deployment is under way')]
  return (await Promise.all(underWay.map((row) => about(call, row)))).flat()
}

async function about(call: Call, row: Deployment): Promise<Finding[]> {
  const { id, environment, phase, last_error, attempt } = row
  const what = `${id} to ${environment} (${phase})`
  const watcher = await watcherOf(call, row)
  const trouble = `${id} failed ${attempt} turn(s) in a row: ${oneLine(last_error ?? '')}`
  return [
    watcher === null
      ? fail('keeper', `nobody watches ${what}: it stands still`, `gonogo keep ${id}`)
      : ok('keeper', `${what} is watched by ${watcher}`),
    ...(last_error === null ? [] : [warn('deployment_trouble', trouble, `gonogo status ${id}`)]),
  ]
}

/** As whoever looks with `gonogo status` would judge; but nobody is started here. */
async function watcherOf(call: Call, row: Deployment): Promise<string | null> {
  const { lease_owner: owner, lease_until } = row
  if (owner === null || lease_until <= call.runtime.now()) return null
  return (await call.keepers.mayLive(owner)) ? ownerLabel(owner) : null
}
