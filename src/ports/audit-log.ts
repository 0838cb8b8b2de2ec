import type { AuditEvent, AuditLine, AuditVerdict } from '../core/audit.ts'

/** The tamper-evident log. */
export interface AuditLog {
  /** Where it is, for messages. */
  readonly path: string
  /**
   * Appends one event, chained and fsynced, in one order across processes. Fails with
   * `audit_unavailable`; after a failure the line is not in the log.
   */
  append(event: AuditEvent): Promise<AuditLine>
  /**
   * Appends unless one of the last 200 lines is it already, looked for and written under one lock: for
   * a result that may be written again after a crash. Resolves to the line that is in the log.
   */
  appendOnce(event: AuditEvent, isIt: (line: AuditLine) => boolean): Promise<AuditLine>
  /** The last `limit` lines, oldest first. */
  tail(limit: number): Promise<AuditLine[]>
  /** Verifies this log, or a copy of it at `file`. */
  verify(file?: string): Promise<AuditVerdict>
}
