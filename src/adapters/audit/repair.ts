import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import {
  repairOperation,
  rotationOperation,
  type AuditEvent,
  type Repair,
} from '../../core/audit.ts'
import { emptyFrontier, rootOf } from '../../core/merkle.ts'
import { toBase64 } from '../../core/base64.ts'
import type { Json } from '../../core/canonical.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { OpenLog } from './file.ts'
import type { Head, State } from './head.ts'
import { beginning, holds, readAt, reading, scan, scanFile, type End } from './read.ts'
import { segmentsOf } from './segments.ts'

/** What a repair line says about the log. */
type RepairDetails = Record<string, Json> & { repair: Repair }

/**
 * Finds the end to append to. The stored head is believed while the size agrees; otherwise the file
 * is read, and what was found is told, so that a log never goes on as if nothing had happened.
 */
export function findEnd(
  log: OpenLog,
  { head, tree }: State,
  runtime: Runtime,
): { end: End; repairs: RepairDetails[] } {
  if (head && tree && head.offset === log.size) return { end: { ...head, tree }, repairs: [] }
  // Longer than the head is what a writer leaves that died before it could store its head.
  const known = head && { ...head, tree: tree ?? emptyFrontier }
  const followed = known && (goOn(log, known, runtime) ?? goOnAfterRotation(log, known, runtime))
  const end = followed && tree ? followed : readAll(log, runtime)
  const repairs: RepairDetails[] = []
  if (head && !followed) repairs.push(altered(head, end, log.size))
  if (!head && end.seq > 0) repairs.push({ repair: 'head_rebuilt', found_lines: end.seq })
  if (end.offset < log.size) repairs.push(setAside(log, end.offset, runtime.now()))
  return { end, repairs }
}

/** The end, if the last line that is remembered is where it was. */
function goOn(log: OpenLog, known: End, runtime: Runtime): End | null {
  if (known.offset > log.size || !holds(log.fd, known, (text) => runtime.sha256(text))) return null
  return scan(log.fd, known, log.size, runtime)
}

/** The same where files were put aside since: by a writer that died, or the memory is an older one. */
function goOnAfterRotation(log: OpenLog, known: End, runtime: Runtime): End | null {
  const [file, ...later] = segmentsOf(log.path).filter(({ last }) => last >= known.seq)
  if (file === undefined) return null
  const end = reading(file.path, null, (fd, size) =>
    goOn({ path: file.path, fd, size }, known, runtime),
  )
  if (end === null) return null
  const before = later.reduce((at, { path }) => scanFile(path, { ...at, offset: 0 }, runtime), end)
  return scan(log.fd, { ...before, offset: 0 }, log.size, runtime)
}

function readAll(log: OpenLog, runtime: Runtime): End {
  const earlier = segmentsOf(log.path).reduce(
    (end, { path }) => scanFile(path, { ...end, offset: 0 }, runtime),
    beginning,
  )
  return scan(log.fd, { ...earlier, offset: 0 }, log.size, runtime)
}

/** The event that tells of a repair, on behalf of the event that met the need for it. */
export function repairEvent(requestId: string, details: RepairDetails): AuditEvent {
  const success = details.repair !== 'log_altered'
  return { ...ownEvent(requestId), operation: repairOperation, success, details }
}

/** The first line of a file that goes on where another ended: it says which, and what was in it. */
export function rotationEvent(
  requestId: string,
  path: string,
  end: End,
  { crypto }: Runtime,
): AuditEvent | null {
  const file = segmentsOf(path).at(-1)
  if (end.offset > 0 || file === undefined) return null
  const details = {
    file: basename(file.path),
    lines: end.seq,
    hash: end.hash,
    root: toBase64(rootOf(crypto.sha256, end.tree)),
  }
  return { ...ownEvent(requestId), operation: rotationOperation, details }
}

function ownEvent(requestId: string): AuditEvent {
  return {
    operation: '',
    user: 'automation:gonogo',
    environment: null,
    success: true,
    phase: 'result',
    details: {},
    request_id: requestId,
    correlation_id: null,
    dry_run: false,
    approval: null,
  }
}

function altered(head: Head, end: Head, size: number): RepairDetails {
  return {
    repair: 'log_altered',
    expected_lines: head.seq,
    expected_size: head.offset,
    found_lines: end.seq,
    found_size: size,
  }
}

/** Moves the bytes of an unfinished last line into a file of their own: evidence is never deleted. */
function setAside(log: OpenLog, offset: number, now: number): RepairDetails {
  const stamp = new Date(now).toISOString().replaceAll(':', '-')
  const path = `${log.path}.torn-${stamp}`
  const bytes = readAt(log.fd, offset, log.size - offset)
  const fd = openSync(path, 'wx', 0o600)
  try {
    if (writeSync(fd, bytes) < bytes.length) throw new Error(`${path} cannot be written: disk full`)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  ftruncateSync(log.fd, offset)
  return { repair: 'unfinished_line', bytes: bytes.length, kept_in: basename(path) }
}
