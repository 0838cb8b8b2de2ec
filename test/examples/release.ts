import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const run = promisify(execFile)

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

export async function temporaryDirectory(): Promise<AsyncDisposable & { path: string }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'gonogo-clinic-')))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

export async function git(repository: string, ...args: string[]): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
  }
  const { stdout } = await run('git', args, { cwd: repository, env })
  return stdout.trim()
}

/** The files of one commit in a directory of their own, as a deployment would unpack them. */
export async function exportTree(repository: string, sha: string, to: string): Promise<string> {
  await git(repository, 'worktree', 'add', '--quiet', '--detach', to, sha)
  return to
}

export async function node(
  directory: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  try {
    return { code: 0, ...(await run(process.execPath, args, { cwd: directory, env })) }
  } catch (error) {
    const { code, stdout, stderr } = error as Outcome
    return { code, stdout, stderr }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A dead process that nobody has collected still takes signals, so its state is asked for. */
export async function isAlive(pid: number): Promise<boolean> {
  const { stdout } = await run('ps', ['-o', 'stat=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }))
  return stdout !== '' && !stdout.startsWith('Z')
}
