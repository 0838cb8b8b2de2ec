import type { Processes } from '../../ports/process.ts'
import { detach } from './detach.ts'
import { endTarget } from './group.ts'
import { groupsWith, hasProcessTable } from './process-table.ts'
import { run } from './run.ts'
import { startTime } from './start-time.ts'

/** Programs on this machine. */
export function createProcesses(): Processes {
  return {
    run,
    detach,
    startTime: (pid) => startTime(pid, run),
    groupsWith: async (variables) => (hasProcessTable ? groupsWith(variables) : []),
    endGroup: (pid, graceMs) => endTarget(-pid, graceMs),
  }
}
