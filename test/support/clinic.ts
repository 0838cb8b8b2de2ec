import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startAdvisoryRegistry, type AdvisoryRegistry } from '../../examples/advisory-registry.ts'
import {
  makeClinicProject,
  type ClinicProject,
  type ClinicProjectOptions,
} from '../../src/setup/sample/project.ts'
import type { AnyJson } from './any-json.ts'
import { endProcessesOf } from './processes-of.ts'

/** The built program; the variable lets a build in another place be tested. */
export const mainFile =
  process.env['GONOGO_TEST_MAIN'] ?? fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** How one run of the program ended. */
export interface Outcome {
  stdout: string
  stderr: string
  /** Null when a signal ended it. */
  exitCode: number | null
  signal: string | null
  /** Stdout as the one JSON object that --json promises. */
  json(): AnyJson
}

export interface RunOptions {
  /** Added to the clinic's own variables; undefined removes one. */
  env?: Record<string, string | undefined>
  /** Default: the project's directory. */
  cwd?: string
  /** Default: 60 s, then SIGKILL. */
  timeoutMs?: number
}

export interface ClinicOptions extends Partial<ClinicProjectOptions> {
  /** Last word on gonogo.yaml. */
  configure?: (yaml: string) => string
}

/** A clinic project of its own, and the built program to work on it. */
export interface Clinic {
  /** Everything the clinic has is below it. */
  root: string
  project: ClinicProject
  registry: AdvisoryRegistry
  /** The only variables its programs see. */
  env: Record<string, string>
  /** Runs `gonogo ...args` in the project's directory, without a terminal. */
  gonogo(args: readonly string[], options?: RunOptions): Promise<Outcome>
  /** Makes a throw-away key, registers it with `gonogo approver add`, resolves to the key's file. */
  addApprover(name?: string): Promise<string>
  /** `gonogo approve ID` with the key `addApprover` made. */
  approve(id: string, environment?: string): Promise<Outcome>
  /** Stops services, keepers and runners, and removes every file. */
  close(): Promise<void>
}

/** By default the commit's tests pass at once; `tests: ['npm', 'test']` runs the clinic's own. */
export async function startClinic(options: ClinicOptions = {}): Promise<Clinic> {
  const { configure, ...projectOptions } = options
  const root = await realpath(await mkdtemp(join(tmpdir(), 'gonogo-clinic-')))
  const home = join(root, 'home')
  await mkdir(home)
  const registry = await startAdvisoryRegistry()
  const project = await makeClinicProject(root, {
    registry: registry.url,
    tests: ['true'],
    ...projectOptions,
  })
  if (configure) await rewrite(join(root, 'gonogo.yaml'), configure)
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, LANG: 'C.UTF-8' }
  const key = join(home, 'approver')
  const gonogo: Clinic['gonogo'] = (args, runOptions = {}) =>
    run(args, { cwd: root, ...runOptions, env: { ...env, ...runOptions.env } })
  return {
    root,
    project,
    registry,
    env,
    gonogo,
    async addApprover(name = 'ada') {
      await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
      const added = await gonogo(['approver', 'add', name, '--key', key])
      if (added.exitCode !== 0) throw new Error(`approver add failed: ${added.stderr}`)
      return key
    },
    approve: (id, environment = 'production') =>
      gonogo(['approve', id, '--key', key, '--confirm', environment, '--json']),
    async close() {
      await endProcessesOf(root)
      await registry.close()
      await rm(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

export function run(args: readonly string[], options: RunOptions): Promise<Outcome> {
  const { cwd, env = {}, timeoutMs = 60_000 } = options
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [mainFile, ...args],
      { cwd, env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout, stderr) => {
        const { exitCode, signalCode: signal } = child
        resolve({ stdout, stderr, exitCode, signal, json: () => JSON.parse(stdout) })
      },
    )
    child.stdin?.end()
  })
}

async function rewrite(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, 'utf8')))
}
