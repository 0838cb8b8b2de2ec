import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where Linux keeps files in memory. */
const memory = '/dev/shm'
const leastBytes = 4 * 1024 ** 3

/**
 * Most of what tests wait for is a disk that confirms each small write of git and SQLite. Where the machine
 * has room in memory, and starts programs from there, their files go there; else where they always go.
 */
export function setup(): (() => void) | undefined {
  const directory = inMemory()
  if (directory === null) return undefined
  process.env['TMPDIR'] = directory
  return () => rmSync(directory, { recursive: true, force: true })
}

function inMemory(): string | null {
  if (process.platform !== 'linux' || process.env['TMPDIR'] !== undefined) return null
  try {
    const { bavail, bsize } = statfsSync(memory)
    if (bavail * bsize < leastBytes) return null
    const directory = mkdtempSync(join(memory, 'gonogo-tests-'))
    // A database runs as another user where the tests run as root.
    chmodSync(directory, 0o711)
    if (startsPrograms(directory)) return directory
    rmSync(directory, { recursive: true })
    return null
  } catch {
    return null
  }
}

function startsPrograms(directory: string): boolean {
  const program = join(directory, 'program')
  writeFileSync(program, '#!/bin/sh\nexit 0\n', { mode: 0o700 })
  const { status } = spawnSync(program)
  rmSync(program)
  return status === 0
}
