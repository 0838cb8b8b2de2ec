import { canonicalJson, type Json } from './canonical.ts'
import { oneLine } from './text.ts'

/** One event before it has a place in the log. `details` holds allow-listed fields only. */
export interface AuditEvent {
  /** Tool or desk act: `promote_to_production`, `approve`, ... */
  operation: string
  /** `agent:name`, `human:name`, or a token's or key's label; never a secret. */
  user: string
  environment: string | null
  /** Null on an intent: nothing has happened yet. */
  success: boolean | null
  phase: 'intent' | 'result'
  details: Record<string, Json>
  request_id: string
  /** Deployment or approval the event belongs to. */
  correlation_id: string | null
  dry_run: boolean
  approval: { method: string; level: string; by: string } | null
}

/** A line of the log. `prev` is the SHA-256 of the previous line's bytes without its newline. */
export interface AuditLine extends AuditEvent {
  seq: number
  prev: string
  timestamp: string
}

/** `prev` of the first line. */
export const auditGenesis = '0'.repeat(64)

/** The canonical text of a line, without a newline. */
export function auditText(line: AuditLine): string {
  return canonicalJson(line)
}

export interface AuditProblem {
  line: number
  problem: string
}

export interface AuditVerdict {
  /** True when every line is well formed, in order and chained. */
  consistent: boolean
  lines: number
  /** SHA-256 of the last line, `auditGenesis` when empty. */
  head: string
  problems: AuditProblem[]
  /** Whether an anchor outside the log agrees; the lock database's head is not one. */
  anchored: boolean
  /** Lines that signed checkpoints cover; 0 without one. */
  sealed_lines: number
  /** Every checkpoint that was compared, oldest first. */
  checkpoints: CheckedCheckpoint[]
  /**
   * Keys that signed checkpoints on the platform and are not this log's: another machine's, or this log's
   * own before somebody replaced it. Only a key that was kept elsewhere tells which.
   */
  unknown_keys: string[]
  /** Places whose checkpoints could not be read, and why: nothing is known of what they say. */
  unread: string[]
}

/** A signed checkpoint and whether the log still is what it says. */
export interface CheckedCheckpoint {
  /** Where it was found: a path, or a place on a platform. */
  place: string
  /** True when it is kept where whoever writes the log does not keep it by itself. */
  anchor: boolean
  size: number
  /** Null when the log agrees with it. */
  problem: string | null
}

/** Operation of the lines the log writes about itself. */
export const repairOperation = 'audit_repair'
/** Operation of the first line of a file that goes on where a full one ended. */
export const rotationOperation = 'audit_rotation'

/** What such a line says, in its details' `repair` field. Only an altered log is a problem. */
export type Repair = 'unfinished_line' | 'head_rebuilt' | 'log_altered'

/** Verifies a log line by line, so that a log of any size needs no memory. */
export interface ChainVerifier {
  /** Takes the next line without its newline; returns the line's hash. */
  push(text: string): string
  end(): Pick<AuditVerdict, 'consistent' | 'lines' | 'head' | 'problems'>
}

// A file that is no log at all would otherwise yield a problem per line.
const problemLimit = 100

/** Checks order, chain and canonical form. `sha256` is handed in: core does not hash. */
export function chainVerifier(sha256: (text: string) => string): ChainVerifier {
  const problems: AuditProblem[] = []
  let found = 0
  let reported = 0
  let lines = 0
  let next = 1
  let head = auditGenesis
  const report = (line: number, problem: string) => {
    if (line === reported) return
    reported = line
    found += 1
    if (problems.length < problemLimit) problems.push({ line, problem })
  }
  return {
    push(text) {
      lines += 1
      const line = parseAuditLine(text)
      const breach = chainProblem(line, { number: lines, seq: next, head })
      if (breach) report(breach.line, breach.problem)
      const own = ownProblem(line, text)
      if (own) report(lines, own)
      // Going on from the seq that was found tells one removed line once, not once per later line.
      next = (line?.seq ?? next) + 1
      head = sha256(text)
      return head
    },
    end() {
      const more = found - problems.length
      if (more > 0) problems.push({ line: lines, problem: `and ${more} more problems` })
      return { consistent: found === 0, lines, head, problems }
    },
  }
}

/** A line of a log, or null when the text is none. Its fields are as untrusted as the file. */
export function parseAuditLine(text: string): AuditLine | null {
  try {
    const value = JSON.parse(text) as AuditLine | null
    return Number.isSafeInteger(value?.seq) ? value : null
  } catch {
    return null
  }
}

function chainProblem(
  line: AuditLine | null,
  expected: { number: number; seq: number; head: string },
): AuditProblem | null {
  if (!line) return null
  const { number } = expected
  if (line.seq !== expected.seq) {
    const problem = `seq is ${line.seq}, expected ${expected.seq}: lines were removed, added or moved`
    return { line: number, problem }
  }
  if (line.prev === expected.head) return null
  if (number === 1)
    return { line: 1, problem: 'does not begin a chain: lines before it are missing' }
  // The hash in the next line is what its predecessor was when it was written.
  return { line: number - 1, problem: `changed: line ${number} was chained to another text of it` }
}

function ownProblem(line: AuditLine | null, text: string): string | null {
  if (!line) return 'not a line of this log'
  if (!isCanonical(line, text)) return 'not in canonical form: this line was changed'
  if (line.operation !== repairOperation || line.details?.['repair'] !== 'log_altered') return null
  return `records that the log was altered before it: ${oneLine(canonicalJson(line.details))}`
}

function isCanonical(line: AuditLine, text: string): boolean {
  try {
    return auditText(line) === text
  } catch {
    // JSON can spell what canonical JSON cannot hold, such as 1e999.
    return false
  }
}
