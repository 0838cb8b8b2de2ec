import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { auditGenesis, repairOperation, type AuditEvent, type Repair } from '../../core/audit.ts'
import type { Json } from '../../core/canonical.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { OpenLog } from './file.ts'
import type { Head } from './head.ts'
import { holds, readAt, scan } from './read.ts'

/** What a repair line says about the log. */
type RepairDetails = Record<string, Json> & { repair: Repair }

const beginning: Head = { seq: 0, hash: auditGenesis, offset: 0 }

/**
 * Finds the end to append to. The stored head is believed while the size agrees; otherwise the file
 * is read, and what was found is told, so that a log never goes on as if nothing had happened.
 */
export function findEnd(
  log: OpenLog,
  head: Head | null,
  runtime: Runtime,
): { end: Head; repairs: RepairDetails[] } {
  if (head?.offset === log.size) return { end: head, repairs: [] }
  const sha256 = (text: string) => runtime.sha256(text)
  // Longer than the head is what a writer leaves that died before it could store its head.
  const intact = head !== null && head.offset < log.size && holds(log.fd, head, sha256)
  const end = scan(log.fd, intact ? head : beginning, log.size, sha256)
  const repairs: RepairDetails[] = []
  if (head && !intact) repairs.push(altered(head, end, log.size))
  if (!head && end.seq > 0) repairs.push({ repair: 'head_rebuilt', found_lines: end.seq })
  if (end.offset < log.size) repairs.push(setAside(log, end.offset, runtime.now()))
  return { end, repairs }
}

/** The event that tells of a repair, on behalf of the event that met the need for it. */
export function repairEvent(cause: AuditEvent, details: RepairDetails): AuditEvent {
  return {
    operation: repairOperation,
    user: 'automation:gonogo',
    environment: null,
    success: details.repair !== 'log_altered',
    phase: 'result',
    details,
    request_id: cause.request_id,
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
