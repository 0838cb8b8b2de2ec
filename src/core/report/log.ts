import type { AuditLine } from '../audit.ts'
import { hasShape } from '../audit-shape.ts'
import { canonicalJson, type Json } from '../canonical.ts'
import { oneLine } from '../text.ts'

/** What the log says about one deployment. */
export interface LoggedDeployment {
  id: string
  environment: string | null
  operation: string
  /** When its first line was written. */
  timestamp: string
  intent: AuditLine | null
  result: AuditLine | null
  /** The call that wrote the intent was refused afterwards: nothing was admitted. */
  refused: boolean
  lines: number[]
}

/** A line that an auditor reads whatever it belongs to. */
export interface NotableLine {
  seq: number
  operation: string
  user: string
  environment: string | null
  timestamp: string
  success: boolean | null
  /** What it belongs to. */
  about: string | null
  text: string
}

/** What a report keeps of a log that was read once from its beginning to its end. */
export interface LogFacts {
  /** By deployment id. */
  deployments: Map<string, LoggedDeployment>
  /** Lines that name an approval, by its id. */
  approvals: Map<string, number[]>
  notable: NotableLine[]
  /** How many more notable lines there are than were kept. */
  more: number
}

export interface LogWindow {
  /** RFC 3339, UTC; `to` is not part of it. */
  from: string
  to: string
  /** Deployments and approvals that the store names, whenever their lines were written. */
  wanted: ReadonlySet<string>
}

/** Takes line after line and keeps a bounded part of each deployment. */
export interface LogReader {
  push(line: AuditLine): void
  facts(): LogFacts
}

const mostNotable = 1000
const mostLines = 50

const changing: ReadonlySet<string> = new Set(['deploy', 'promote', 'rollback', 'adopt'])

/** What changes the rules or who may do what, beside the deployments themselves. */
const notable = /^(?:approver|audit|break_glass|hold|line|lock|stop|token|trust)(?:_|$)/

export function createLogReader({ from, to, wanted }: LogWindow): LogReader {
  const facts: LogFacts = { deployments: new Map(), approvals: new Map(), notable: [], more: 0 }
  const byRequest = new Map<string, LoggedDeployment>()
  const within = ({ timestamp }: AuditLine) => timestamp >= from && timestamp < to
  return {
    push(line) {
      if (!hasShape(line)) return
      const id = line.correlation_id
      if (id !== null && (wanted.has(id) || within(line))) keepLine(facts, byRequest, line, id)
      if (isRefusal(line)) refuse(byRequest, line.request_id)
      if (within(line) && isNotable(line)) keepNotable(facts, line)
    },
    facts: () => facts,
  }
}

function keepLine(
  facts: LogFacts,
  byRequest: Map<string, LoggedDeployment>,
  line: AuditLine,
  id: string,
): void {
  if (line.dry_run) return
  if (id.startsWith('apr_')) return note(facts.approvals, id, line.seq)
  const isOwn = changing.has(line.operation)
  const known = facts.deployments.get(id)
  // A check or a question about a deployment is no sign that there ever was one.
  if (!known && !isOwn) return
  const entry = known ?? newEntry(line, id)
  facts.deployments.set(id, entry)
  if (entry.lines.length < mostLines) entry.lines.push(line.seq)
  if (!isOwn) return
  if (line.phase === 'intent') {
    entry.intent ??= line
    byRequest.set(line.request_id, entry)
  } else entry.result ??= line
}

function newEntry({ environment, operation, timestamp }: AuditLine, id: string): LoggedDeployment {
  const nothing = { intent: null, result: null, refused: false, lines: [] }
  return { id, environment, operation, timestamp, ...nothing }
}

function note(lists: Map<string, number[]>, id: string, seq: number): void {
  const list = lists.get(id) ?? []
  if (list.length < mostLines) list.push(seq)
  lists.set(id, list)
}

/** The line of a tool call that ended in a refusal. */
function isRefusal({ phase, success, details }: AuditLine): boolean {
  return phase === 'result' && success === false && typeof details['error'] === 'string'
}

function refuse(byRequest: Map<string, LoggedDeployment>, requestId: string): void {
  const entry = byRequest.get(requestId)
  if (entry) entry.refused = true
}

/** A human act has two lines; the one that says how it went is enough. */
function isNotable({ operation, phase }: AuditLine): boolean {
  return phase === 'result' && notable.test(operation)
}

function keepNotable(facts: LogFacts, line: AuditLine): void {
  if (facts.notable.length >= mostNotable) {
    facts.more += 1
    return
  }
  const { seq, operation, user, environment, timestamp, success, details } = line
  const text = brief(details)
  const about = line.correlation_id
  facts.notable.push({ seq, operation, user, environment, timestamp, success, about, text })
}

function brief(details: Record<string, Json>): string {
  const told = Object.entries(details).filter(([, value]) => value !== null && value !== '')
  const text = told.map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : canonicalJson(value)}`,
  )
  return oneLine(text.join(' '), 300)
}
