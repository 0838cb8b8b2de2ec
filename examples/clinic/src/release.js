// @ts-check
import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The release this code belongs to. The real path, so that a process started through a `current`
 * link keeps its own release after the link has moved on.
 */
export const releaseDirectory = realpathSync(join(import.meta.dirname, '..'))

/** @returns {string} */
export function packageVersion() {
  return JSON.parse(readFileSync(join(releaseDirectory, 'package.json'), 'utf8')).version
}
