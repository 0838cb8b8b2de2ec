import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach } from 'vitest'
import { Failure } from '../../src/core/failure.ts'
import { loadProject, type LoadedProject, type LoadOptions } from '../../src/config/load.ts'

/** A temporary directory per call, removed after the test. */
export function useDirectories(): () => string {
  const made: string[] = []
  afterEach(() => {
    for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true })
  })
  return () => {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'gonogo-config-')))
    made.push(directory)
    return directory
  }
}

/** Writes a file and its directories; returns its path. */
export function put(directory: string, name: string, text: string | Uint8Array): string {
  const file = join(directory, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

/** Loads with a home of its own, so that the user's real one is never looked at. */
export function load(
  cwd: string,
  options: Omit<Partial<LoadOptions>, 'cwd'> = {},
): Promise<LoadedProject> {
  return loadProject({ cwd, ...options, env: { HOME: '/home/someone', ...options.env } })
}

/** The failure of loading, which must be an invalid configuration. */
export async function refused(loading: Promise<unknown>): Promise<Failure> {
  const error = await loading.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  )
  if (error instanceof Failure && error.code === 'invalid_configuration') return error
  throw error
}

/** The lines of the failure of a `gonogo.yaml` with this text. */
export async function problemsOf(directory: string, yaml: string): Promise<string[]> {
  put(directory, 'gonogo.yaml', yaml)
  return (await refused(load(directory))).message.split('\n')
}
