// @ts-check
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processStart } from './process-start.js'
import { releaseDirectory } from './release.js'

/** @typedef {{ pid: number, started: string, release: string }} RecordedProcess */

/** @param {string} data */
const pidFile = (data) => join(data, 'clinic.pid')

/**
 * The server records itself once it listens, so the file always names the process that serves,
 * whatever happened to the one that started it.
 *
 * @param {string} data
 */
export function recordThisProcess(data) {
  const { pid } = process
  const record = { pid, started: processStart(pid), release: releaseDirectory }
  const temporary = `${pidFile(data)}.${pid}`
  writeFileSync(temporary, `${JSON.stringify(record)}\n`, { mode: 0o600 })
  renameSync(temporary, pidFile(data))
}

/**
 * @param {string} data
 * @returns {RecordedProcess | undefined} undefined when the recorded process no longer lives
 */
export function runningProcess(data) {
  const recorded = readRecord(data)
  return recorded && isAlive(recorded) ? recorded : undefined
}

/** @param {RecordedProcess} recorded */
export function isAlive({ pid, started }) {
  const current = processStart(pid)
  return current !== undefined && current === started
}

/**
 * @param {string} data
 * @param {number} pid
 */
export function forgetProcess(data, pid) {
  if (readRecord(data)?.pid === pid) rmSync(pidFile(data), { force: true })
}

/**
 * @param {string} data
 * @returns {RecordedProcess | undefined}
 */
function readRecord(data) {
  try {
    return JSON.parse(readFileSync(pidFile(data), 'utf8'))
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined
    throw error
  }
}
