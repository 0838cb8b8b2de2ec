import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { afterAll } from 'vitest'

export const repository = join(import.meta.dirname, '../..')

export interface ScriptRun {
  status: number | null
  stdout: string
  stderr: string
}

/** A copy of parts of this repository, so that a script's own writing cannot touch it. */
export function useCopy(parts: readonly string[]): string {
  const copy = mkdtempSync(join(tmpdir(), 'gonogo-scripts-'))
  for (const part of parts) cpSync(join(repository, part), join(copy, part), { recursive: true })
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'))
  afterAll(() => rmSync(copy, { recursive: true }))
  return copy
}

/** Runs a script to its end, with the Node that runs the tests. */
export function runScript(directory: string, name: string, ...args: string[]): ScriptRun {
  const script = join(directory, 'scripts', name)
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', timeout: 60_000 })
}
