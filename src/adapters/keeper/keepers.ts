import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Keepers } from '../../ports/keeper.ts'
import type { Processes } from '../../ports/process.ts'
import { createCourierMark } from './courier-mark.ts'
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
  const started = new Map<string, Started>()
  const owners = createLeaseOwners(deps.processes)
  const mark = createCourierMark(deps.logDirectory, owners)
  const startOne = async (args: readonly string[], logName: string): Promise<Started> => {
    const argv = [...deps.command, 'keep', ...args, '--project', deps.directory]
    await mkdir(deps.logDirectory, { recursive: true, mode: 0o700 })
    const options = { cwd: deps.directory, env: wholeEnvironment(deps.env) }
    const pid = await deps.processes.detach(argv, {
      ...options,
      logFile: join(deps.logDirectory, logName),
    })
    return { pid, startTime: await deps.processes.startTime(pid) }
  }
  return {
    ...owners,
    async start(deploymentId) {
      const earlier = started.get(deploymentId)
      if (earlier?.startTime && (await deps.processes.startTime(earlier.pid)) === earlier.startTime)
        return `keeper pid ${earlier.pid}`
      const keeper = await startOne([deploymentId], `keeper-${deploymentId}.log`)
      started.set(deploymentId, keeper)
      return `keeper pid ${keeper.pid}`
    },
    async deliver() {
      if (await mark.isSet()) return
      await mark.set(await startOne(['--outbox'], 'outbox.log'))
    },
    delivers: (isAtIt) => (isAtIt ? mark.set() : mark.clear()),
  }
}

interface Started {
  pid: number
  startTime: string | null
}

function wholeEnvironment(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
