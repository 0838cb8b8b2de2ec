import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import type { Outcome } from './clinic.ts'
import { mainFile } from './clinic.ts'

/** What a person at the terminal does: waits for a text to appear, then types, or does something else. */
export interface Typing {
  after: string
  keys?: string
  /** Makes the window this large. */
  size?: { columns: number; rows: number }
  act?: () => Promise<void>
}

export interface TerminalOptions {
  cwd: string
  env: Record<string, string>
  typing?: readonly Typing[]
  /** Default: a window that does not tell its size. */
  size?: { columns: number; rows: number }
  timeoutMs?: number
  /** What is started; default: the built program. */
  program?: readonly string[]
  /** Who runs it; default: who runs the tests. */
  user?: { uid: number; gid: number }
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** Runs gonogo in a pseudo-terminal, which util-linux's `script` makes; all output comes as one. */
export function runInTerminal(
  args: readonly string[],
  options: TerminalOptions,
): Promise<Pick<Outcome, 'stdout' | 'exitCode'>> {
  const { cwd, env, typing = [], size, timeoutMs = 60_000, user } = options
  const program = options.program ?? [process.execPath, mainFile]
  const gonogo = [...program, ...args].map(quoted).join(' ')
  const window = size ? `stty cols ${size.columns} rows ${size.rows}; ` : ''
  const command = `tty; ${window}exec ${gonogo}`
  // In a session of its own, so that nothing reaches the terminal of whoever runs the tests.
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd,
    env: { TERM: 'xterm-256color', ...env, SHELL: '/bin/sh' },
    detached: true,
    ...user,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const waiting = [...typing]
  // The first line is the terminal's own name.
  const nameOfTerminal = /^\/dev\S+\r\n/
  let shown = ''
  let read = 0
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text
      const next = waiting[0]
      const found = next ? shown.indexOf(next.after, read) : -1
      if (!next || found < 0) return
      read = found + next.after.length
      waiting.shift()
      if (next.keys !== undefined) child.stdin.write(next.keys)
      if (next.size) resize(nameOfTerminal.exec(shown)![0].trim(), next.size).catch(reject)
      next.act?.().catch(reject)
    })
    child.on('error', reject)
    child.on('close', (exitCode) => {
      if (waiting.length > 0) reject(new Error(`never saw ${waiting[0]!.after} in:\n${shown}`))
      else resolve({ stdout: shown.replace(nameOfTerminal, '').replaceAll('\r\n', '\n'), exitCode })
    })
  })
}

async function resize(terminal: string, { columns, rows }: { columns: number; rows: number }) {
  await promisify(execFile)('stty', ['-F', terminal, 'cols', `${columns}`, 'rows', `${rows}`])
}
