import { readFileSync, readdirSync } from 'node:fs'

/** What Linux's /proc/<pid>/stat says, as far as it matters here. */
interface ProcessEntry {
  group: number
  /** Ticks since boot; with the boot's id it tells a process from a later one with the same pid. */
  startTicks: string
  /** Ended, only not yet collected by its parent. */
  zombie: boolean
}

/** True where processes can be read from /proc. */
export const hasProcessTable = process.platform === 'linux'

/** Null when there is no such process. */
export function readProcess(pid: number): ProcessEntry | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch (error) {
    // Any other problem (no file descriptors left) must not pass for the end of a process.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

/** The second field is the program's own choice of name and may hold spaces and parentheses. */
export function parseStat(text: string): ProcessEntry {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, , group] = fields
  return {
    group: Number(group),
    startTicks: fields[19] ?? '',
    zombie: state === 'Z' || state === 'X',
  }
}

/** Whether a process of this group still runs. */
export function groupRuns(group: number): boolean {
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false
    const entry = readProcess(Number(name))
    return entry !== null && entry.group === group && !entry.zombie
  })
}

/** The groups of processes that were started with all of these variables. */
export function groupsWith(variables: Readonly<Record<string, string>>): number[] {
  const wanted = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const groups = pids.flatMap((pid) => {
    const environment = environmentOf(pid)
    const found = wanted.every((line) => environment.includes(line))
    return (found && readProcess(Number(pid))?.group) || []
  })
  return [...new Set(groups)]
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    // Ended, or another user's: none of ours.
    return []
  }
}

/** Changes with every boot, after which ticks begin again. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return 'boot'
  }
}
