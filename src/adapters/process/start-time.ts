import type { Processes } from '../../ports/process.ts'
import { allowedEnvironment } from './environment.ts'
import { bootId, hasProcessTable, readProcess } from './process-table.ts'

/** Tells a process from a later one with the same pid; null when none runs, or only its zombie is left. */
export async function startTime(pid: number, run: Processes['run']): Promise<string | null> {
  if (!Number.isSafeInteger(pid) || pid < 1) return null
  return hasProcessTable ? fromProcessTable(pid) : await fromPs(pid, run)
}

function fromProcessTable(pid: number): string | null {
  const entry = readProcess(pid)
  return entry === null || entry.zombie ? null : `${bootId()}:${entry.startTicks}`
}

async function fromPs(pid: number, run: Processes['run']): Promise<string | null> {
  // Locale and time zone shape ps's answer, and both sides of a comparison must agree on them.
  const env = { ...allowedEnvironment(), LC_ALL: 'C', TZ: 'UTC' }
  const { exitCode, stdout } = await run(['ps', '-o', 'stat=,lstart=', '-p', String(pid)], { env })
  const [state, ...started] = Buffer.from(stdout).toString('latin1').trim().split(/\s+/)
  if (exitCode !== 0 || !state || state.startsWith('Z')) return null
  return started.join(' ')
}
