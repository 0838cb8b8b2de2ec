import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { screen, transcript } from './screen.ts'

const run = promisify(execFile)

/** How a command of theirs ended. */
export interface Ran {
  stdout: string
  stderr: string
  exitCode: number
}

/** Runs a gonogo command as a person would. */
export type Keyboard = (...args: string[]) => Promise<Ran>

/** Somebody who may approve, by a word that no assistant can give. */
export interface Person {
  gonogo: Keyboard
  /** Approves; `aloud` shows the plan they read. */
  approve(approvalId: string, environment: string, aloud?: boolean): Promise<void>
}

/** A terminal in a home directory of its own. */
export function keyboardIn(
  home: string,
  [program, ...first]: readonly [string, ...string[]],
  project: string,
  env: Record<string, string>,
): Keyboard {
  return async (...args) => {
    const rest = [...first, ...args, '--project', project]
    try {
      const { stdout, stderr } = await run(program, rest, { env: { ...env, HOME: home } })
      return { stdout, stderr, exitCode: 0 }
    } catch (error) {
      const { stdout = '', stderr = '', code = 1 } = error as Partial<Ran> & { code?: number }
      return { stdout, stderr, exitCode: code }
    }
  }
}

/** Somebody who signs. Their key lies in their home, which no assistant is given. */
export async function hireSigner(home: string, gonogo: Keyboard): Promise<Person> {
  const key = join(home, '.ssh', 'id_ed25519')
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 })
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'demo approver', '-f', key])

  async function approve(id: string, environment: string, aloud = false): Promise<void> {
    screen.human(`gonogo approve ${id} --key ~/.ssh/id_ed25519`)
    const ran = await gonogo('approve', id, '--key', key, '--confirm', environment)
    const lines = ran.stderr.trimEnd().split('\n')
    transcript.line(' ', lines.at(-1) ?? '')
    for (const line of aloud ? lines : lines.slice(-1)) screen.detail(line)
    if (ran.exitCode !== 0) throw new Error(`gonogo approve ended with ${ran.exitCode}`)
  }

  const added = await gonogo('approver', 'add', 'dana@example.com', '--key', key)
  if (added.exitCode !== 0) throw new Error(`gonogo approver add: ${added.stderr}`)
  return { gonogo, approve }
}
