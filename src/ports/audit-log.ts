import type { AuditEvent, AuditLine, AuditVerdict } from '../core/audit.ts'
import type { AuditProof } from '../core/audit-proof.ts'

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
  /** Every line from the first one on, earlier files of a rotated log too. */
  lines(): AsyncIterable<AuditLine>
  /** Verifies this log, or a copy of it, against every checkpoint and anchor that can be read. */
  verify(options?: VerifyOptions): Promise<AuditVerdict>
  /** Signs a checkpoint of the log as it is, and keeps it at every anchor. Null for an empty log. */
  checkpoint(): Promise<SignedCheckpoint | null>
  /** Proves that lines are in the log of the newest checkpoint; signs one when they are not covered yet. */
  prove(seqs: readonly number[]): Promise<AuditProof>
  /** Where the log is and how it is kept. Creates nothing. */
  status(): Promise<AuditStatus>
}

export interface AuditStatus {
  path: string
  /** Lines of all its files. */
  lines: number
  bytes: number
  /** Earlier files of a rotated log, oldest first. */
  earlier: string[]
  /** The newest checkpoint; null before the first. */
  checkpoint: { size: number; at: number } | null
  /** File with the key that signs checkpoints, and that key's public half; null before its first use. */
  key_file: string
  public_key: string | null
  /** What was done outside the log, place by place. */
  anchors: OutsidePlace[]
  streams: OutsidePlace[]
}

export interface OutsidePlace {
  place: string
  /** When something was last kept there, or could not be; null: not yet. */
  at: number | null
  /** Lines that the newest checkpoint there covers; null for streams, which have none. */
  size: number | null
  /** Why the last attempt failed; null when it did not. */
  problem: string | null
}

export interface VerifyOptions {
  /** A copy of the log. */
  file?: string
  /** Files with checkpoints (signed notes) kept elsewhere. */
  checkpoints?: readonly string[]
  /** File with the public key that signed them (`vkey` of a signed note); absent: this log's own. */
  publicKey?: string
}

export interface SignedCheckpoint {
  /** The signed note. */
  note: string
  /** Lines it covers. */
  size: number
  /** Where it is kept besides the log; and where it could not be. */
  anchored_at: string[]
  problems: string[]
}
