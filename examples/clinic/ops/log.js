// @ts-check
import { mkdirSync, openSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** @param {string} data */
export function openLog(data) {
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const path = join(data, 'service.log')
  const descriptor = openSync(path, 'a', 0o600)
  const start = statSync(path).size
  return {
    path,
    descriptor,
    /** What was written since, at most the last 20 lines. */
    tail() {
      const written = readFileSync(path).subarray(start).toString('utf8')
      return written.trimEnd().split('\n').slice(-20).join('\n')
    },
  }
}
