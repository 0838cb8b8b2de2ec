import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

/** A process, and what ties it to a place. */
export interface ProcessOf {
  pid: number
  command: string
}

/** Every process that works below `root`: named on its command line, or its working directory. */
export async function processesOf(root: string): Promise<ProcessOf[]> {
  const all = process.platform === 'linux' ? await fromProc() : await fromPs()
  return all
    .filter(({ pid, command, cwd }) => pid !== process.pid && `${command}\0${cwd}`.includes(root))
    .map(({ pid, command }) => ({ pid, command }))
}

/** Ends them all. Repeats, because one may start another while it is looked for. */
export async function endProcessesOf(root: string, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await processesOf(root)
    if (found.length === 0) return
    if (performance.now() > deadline) throw new Error(`still there: ${JSON.stringify(found)}`)
    for (const { pid } of found) kill(pid)
    await delay(20)
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function fromProc() {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const entries = await Promise.all(
    pids.map(async (pid) => {
      // A process may end while it is read; a zombie has neither a command line nor a directory.
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '')
      return { pid: Number(pid), command: command.replaceAll('\0', ' ').trim(), cwd }
    }),
  )
  return entries
}

/** Working directories are not shown here, so a step that names no path of ours is not found. */
async function fromPs() {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,command='])
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [, pid, command = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? []
      return { pid: Number(pid), command, cwd: '' }
    })
}
