import { spawn } from 'node:child_process'
import type { Outcome } from './clinic.ts'
import { mainFile } from './clinic.ts'

/** What a person at the terminal does: waits for a text to appear, then types. */
export interface Typing {
  after: string
  keys: string
}

export interface TerminalOptions {
  cwd: string
  env: Record<string, string>
  typing?: readonly Typing[]
  timeoutMs?: number
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** Runs gonogo in a pseudo-terminal, which util-linux's `script` makes; all output comes as one. */
export function runInTerminal(
  args: readonly string[],
  { cwd, env, typing = [], timeoutMs = 60_000 }: TerminalOptions,
): Promise<Pick<Outcome, 'stdout' | 'exitCode'>> {
  const command = [process.execPath, mainFile, ...args].map(quoted).join(' ')
  // In a session of its own, so that nothing reaches the terminal of whoever runs the tests.
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd,
    env: { ...env, TERM: 'xterm-256color', SHELL: '/bin/sh' },
    detached: true,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const waiting = [...typing]
  let shown = ''
  let read = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    const next = waiting[0]
    const found = next ? shown.indexOf(next.after, read) : -1
    if (!next || found < 0) return
    read = found + next.after.length
    waiting.shift()
    child.stdin.write(next.keys)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode) => {
      if (waiting.length > 0) reject(new Error(`never saw ${waiting[0]!.after} in:\n${shown}`))
      else resolve({ stdout: shown.replaceAll('\r\n', '\n'), exitCode })
    })
  })
}
