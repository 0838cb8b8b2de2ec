import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'

export interface Command {
  argv: string[]
  cwd: string
  env: Record<string, string>
  /** Where its output goes; a file, so that what it leaves behind cannot hold the step up. */
  output: string
  signal: AbortSignal
}

export interface Ended {
  exitCode: number
  log: string
  /** The group it and its children are in, for the end of the job. */
  group: number | null
}

/** Runs a program in a group of its own to its end, or until it is called off. */
export function runCommand(command: Command): Promise<Ended> {
  const [program = '', ...args] = command.argv
  const file = openSync(command.output, 'a')
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: command.cwd,
      env: command.env,
      stdio: ['ignore', file, file],
      detached: true,
    })
    const group = child.pid ?? null
    const stop = () => killGroup(group)
    if (command.signal.aborted) stop()
    command.signal.addEventListener('abort', stop)
    const end = (exitCode: number, more = '') => {
      command.signal.removeEventListener('abort', stop)
      resolve({ exitCode, log: readFileSync(command.output, 'utf8') + more, group })
    }
    child.once('error', (error) => end(127, `stand-in: ${error.message}`))
    child.once('exit', (code) => end(code ?? 143))
    closeSync(file)
  })
}

export function killGroup(group: number | null): void {
  if (group === null) return
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

/** The command line of a step, as GitHub's runner makes it from `shell:`. */
export function shellCommand(shell: string | null, script: string): string[] {
  if (shell === null) return ['bash', '-e', script]
  if (shell === 'bash') return ['bash', '--noprofile', '--norc', '-eo', 'pipefail', script]
  if (shell === 'sh') return ['sh', '-e', script]
  if (shell === 'python') return ['python3', script]
  if (shell === 'pwsh' || shell === 'powershell' || shell === 'cmd') {
    throw new Error(`the stand-in has no shell ${shell}`)
  }
  const parts = shell.split(/\s+/).filter((part) => part !== '')
  return parts.map((part) => part.replace('{0}', script))
}

/** The runner gives scripts of the shells it knows an ending, others none. */
export function scriptEnding(shell: string | null): string {
  if (shell === null || shell === 'bash' || shell === 'sh') return '.sh'
  return shell === 'python' ? '.py' : ''
}
