import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { ownerText, parseOwner } from '../../core/lease-owner.ts'
import type { Keepers } from '../../ports/keeper.ts'
import type { Processes } from '../../ports/process.ts'

/** Who this process is to others that share its store, and whether they are still there. */
export function createLeaseOwners(
  processes: Pick<Processes, 'startTime'>,
): Pick<Keepers, 'self' | 'mayLive'> {
  return {
    async self() {
      const { pid } = process
      const start_time = await processes.startTime(pid)
      // A name that nobody can look up is still a name: its lease then has to run out.
      if (start_time === null) return `keeper pid ${pid}`
      return ownerText({ pid, machine: machine(), start_time })
    },
    async mayLive(owner) {
      const found = parseOwner(owner)
      if (found === null || found.machine !== machine()) return true
      return (await processes.startTime(found.pid)) === found.start_time
    },
  }
}

/** Where a pid means something: containers may share a host's name and a store, but not their pids. */
function machine(): string {
  return `${hostname()}${pidNamespace()}`
}

function pidNamespace(): string {
  try {
    return `/${readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '')}`
  } catch {
    return ''
  }
}
