import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Keepers } from '../../ports/keeper.ts'
import type { Processes } from '../../ports/process.ts'
import { createLeaseOwners } from './lease-owner.ts'

/**
 * A keeper is `gonogo keep ID` in its own session. It gets this process's whole environment, since
 * it is gonogo itself and needs the same configuration; its output goes to a file.
 */
export function createKeepers(deps: {
  processes: Processes
  /** How to start this gonogo: node, its flags and the main file. */
  command: readonly string[]
  directory: string
  logDirectory: string
  env: Record<string, string | undefined>
}): Keepers {
  // Until a keeper holds the lease, every look at its deployment asks for one.
  const started = new Map<string, { pid: number; startTime: string | null }>()
  return {
    ...createLeaseOwners(deps.processes),
    async start(deploymentId) {
      const earlier = started.get(deploymentId)
      if (earlier?.startTime && (await deps.processes.startTime(earlier.pid)) === earlier.startTime)
        return `keeper pid ${earlier.pid}`
      const argv = [...deps.command, 'keep', deploymentId, '--project', deps.directory]
      await mkdir(deps.logDirectory, { recursive: true, mode: 0o700 })
      const logFile = join(deps.logDirectory, `keeper-${deploymentId}.log`)
      const env = Object.fromEntries(
        Object.entries(deps.env).filter(
          (entry): entry is [string, string] => entry[1] !== undefined,
        ),
      )
      const pid = await deps.processes.detach(argv, { cwd: deps.directory, env, logFile })
      started.set(deploymentId, { pid, startTime: await deps.processes.startTime(pid) })
      return `keeper pid ${pid}`
    },
  }
}
