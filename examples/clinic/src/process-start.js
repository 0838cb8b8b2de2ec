// @ts-check
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * When a process started. With its pid this tells it from a later process given the same pid.
 *
 * @param {number} pid
 * @returns {string | undefined} undefined when no such process lives
 */
export function processStart(pid, platform = process.platform) {
  return platform === 'linux' ? fromProc(pid) : fromPs(pid)
}

/** @param {number} pid */
function fromProc(pid) {
  const stat = readStat(pid)
  // The second field, the command in brackets, may itself hold spaces and brackets.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return state === 'Z' ? undefined : rest[18]
}

/** @param {number} pid */
function readStat(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return ''
  }
}

/** @param {number} pid */
function fromPs(pid) {
  // Locale and time zone are fixed because two different processes compare the printed time.
  const { stdout } = spawnSync('/bin/ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', TZ: 'UTC' },
  })
  const [, state, started] = /^(\S+)\s+(.+?)\s*$/.exec(stdout ?? '') ?? []
  return state?.startsWith('Z') ? undefined : started
}
