import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Failure } from '../../core/failure.ts'

/** The log, open for one critical section. */
export interface OpenLog {
  path: string
  fd: number
  size: number
}

const longestLine = 64 * 1024

/** Opens the log, creating it 0600, for as long as `work` runs. */
export function withOpenLog<T>(path: string, work: (log: OpenLog) => T): T {
  // Without O_NONBLOCK a pipe in the log's place would hang the process.
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK
  const fd = openSync(path, flags, 0o600)
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new Error('not a regular file')
    return work({ path, fd, size: stat.size })
  } finally {
    closeSync(fd)
  }
}

/** The bytes of a line. Fails with `audit_unavailable` when it is too long to be one. */
export function lineBytes(path: string, text: string): Buffer {
  const bytes = Buffer.from(`${text}\n`)
  if (bytes.length > longestLine) throw tooLong(path, bytes.length)
  return bytes
}

/** Writes lines at `offset`, the log's end, durably: all of them or none. */
export function writeLines(log: OpenLog, offset: number, lines: readonly Buffer[]): void {
  const bytes = Buffer.concat(lines)
  try {
    const written = writeSync(log.fd, bytes)
    if (written < bytes.length)
      throw new Error(`wrote ${written} of ${bytes.length} bytes: disk full`)
    fdatasyncSync(log.fd)
    if (offset === 0) syncDirectory(dirname(log.path))
  } catch (error) {
    ftruncateSync(log.fd, offset)
    throw error
  }
}

/** Makes a new file's name as durable as its content. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function tooLong(path: string, length: number): Failure {
  return new Failure({
    code: 'audit_unavailable',
    message: `an audit line of ${length} bytes is refused: ${longestLine} fit into ${path}`,
    hint: 'repeat the command with shorter arguments (a reason, a ref)',
    details: { length, limit: longestLine },
  })
}
