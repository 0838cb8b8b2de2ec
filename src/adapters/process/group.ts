import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../../core/failure.ts'
import { groupRuns, hasProcessTable, readProcess } from './process-table.ts'

/** How long a program may take to end after SIGTERM. */
const defaultGraceMs = 5000

/** How long the kernel may take to end a program after SIGKILL. */
const killMs = 5000

/** A pid, or a process group written as its negative id, as in kill(2). */
export type Target = number

/** SIGTERM, then SIGKILL after the grace; resolves when nothing is left, and fails if something stays. */
export async function endTarget(target: Target, graceMs = defaultGraceMs): Promise<void> {
  // -1, 0 and 1 address everybody, ourselves, or init.
  if (!Number.isSafeInteger(target) || Math.abs(target) < 2) return
  send(target, 'SIGTERM')
  if (await isGone(target, graceMs)) return
  send(target, 'SIGKILL')
  if (await isGone(target, killMs)) return
  throw new Failure({
    code: 'internal',
    message: `process ${target} is still there after SIGKILL`,
    hint: `look at it with: ps -o pid,pgid,stat,args -g ${Math.abs(target)}`,
  })
}

function send(target: Target, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal)
  } catch (error) {
    // Gone already, or taken over by another user (EPERM): the wait that follows tells which.
    if (!hasCode(error, 'ESRCH', 'EPERM')) throw error
  }
}

async function isGone(target: Target, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  for (let pause = 5; isThere(target); pause = Math.min(pause * 2, 100)) {
    const left = deadline - performance.now()
    if (left <= 0) return false
    await delay(Math.min(pause, left))
  }
  return true
}

function isThere(target: Target): boolean {
  try {
    process.kill(target, 0)
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false
  }
  if (!hasProcessTable) return true
  // A zombie still answers signal 0; where nobody collects it, it would be waited for in vain.
  if (target < 0) return groupRuns(-target)
  const entry = readProcess(target)
  return entry !== null && !entry.zombie
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '')
}
