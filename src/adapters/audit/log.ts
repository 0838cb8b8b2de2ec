import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { auditText, parseAuditLine, type AuditEvent, type AuditLine } from '../../core/audit.ts'
import type { AuditLog } from '../../ports/audit-log.ts'
import type { Runtime } from '../../ports/runtime.ts'
import { unavailable } from './errors.ts'
import { withOpenLog, writeLine, type OpenLog } from './file.ts'
import { underLock, type Head } from './head.ts'
import { redact } from '../../core/redact.ts'
import { findEnd, repairEvent } from './repair.ts'
import { lastLinesOf } from './tail.ts'
import { verifyLog } from './verify.ts'

/** How far back a line that must not be written twice is looked for. */
const lookBack = 200

export interface AuditLogDeps {
  /** The JSONL file. */
  path: string
  runtime: Runtime
  /** Every secret the process holds; asked anew for each line. */
  secrets: () => readonly string[]
}

/** The audit log in a file, with a lock database beside it that orders the lines of all processes. */
export function createAuditLog(deps: AuditLogDeps): AuditLog {
  const { path } = deps
  return {
    path,
    append: (event) => guarded(path, () => append(deps, redact(event, deps.secrets()))),
    appendOnce: (event, isIt) =>
      guarded(path, () => append(deps, redact(event, deps.secrets()), isIt)),
    tail: (limit) => guarded(path, async () => tail(path, limit)),
    verify: (file) => guarded(path, () => verifyLog(deps, file)),
  }
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw unavailable(path, error)
  }
}

async function append(
  deps: AuditLogDeps,
  event: AuditEvent,
  isIt?: (line: AuditLine) => boolean,
): Promise<AuditLine> {
  mkdirSync(dirname(deps.path), { recursive: true, mode: 0o700 })
  return underLock(deps, (head) =>
    withOpenLog(deps.path, (log) => {
      const { end, repairs } = findEnd(log, head, deps.runtime)
      const events = repairs.map((details) => repairEvent(event, details))
      const repaired = events.reduce((at, repair) => add(deps, log, at, repair).head, end)
      const known = isIt && tail(deps.path, lookBack).findLast(isIt)
      if (known) return { head: repaired, value: known }
      const { head: added, line } = add(deps, log, repaired, event)
      return { head: added, value: line }
    }),
  )
}

function add(
  { runtime }: AuditLogDeps,
  log: OpenLog,
  end: Head,
  event: AuditEvent,
): { head: Head; line: AuditLine } {
  const timestamp = new Date(runtime.now()).toISOString()
  const line = { ...event, seq: end.seq + 1, prev: end.hash, timestamp }
  const text = auditText(line)
  const offset = writeLine(log, end.offset, text)
  return { head: { seq: line.seq, hash: runtime.sha256(text), offset }, line }
}

function tail(path: string, limit: number): AuditLine[] {
  return lastLinesOf(path, limit).flatMap((text) => parseAuditLine(text) ?? [])
}
