import type { AuditReport, ReportChange } from '../../core/report/report.ts'
import type { ReportException } from '../../core/report/exception.ts'
import { sanitize } from '../../core/text.ts'

const columns = [
  'record',
  'severity',
  'kind',
  'deployment_id',
  'environment',
  'version',
  'commit',
  'from_version',
  'started_at',
  'ended_at',
  'outcome',
  'verified',
  'requester',
  'operator',
  'consent',
  'method',
  'level',
  'approval_id',
  'decisions',
  'authors',
  'reviewers',
  'gates',
  'skips',
  'review_owed',
  'reason',
  'plan_hash',
  'policy_hash',
  'run_id',
  'links',
  'log_lines',
  'text',
] as const

type Row = Partial<Record<(typeof columns)[number], string>>

/** RFC 4180: every row has every column, and what speaks against it comes first. */
export function* reportCsv(report: AuditReport): Generator<string> {
  yield line(Object.fromEntries(columns.map((name) => [name, name])))
  yield line({ record: 'log', text: logText(report) })
  for (const exception of report.exceptions) yield line(exceptionRow(exception))
  for (const change of report.changes) yield line(changeRow(change))
  yield line({ record: 'totals', text: JSON.stringify(report.totals) })
}

function logText({ log, project, from, to, environments, left_out }: AuditReport): string {
  return JSON.stringify({ project, from, to, environments, left_out, ...log })
}

function exceptionRow(exception: ReportException): Row {
  const { severity, kind, deployment_id, environment, at, text, lines } = exception
  return {
    record: 'exception',
    severity,
    kind,
    deployment_id: deployment_id ?? '',
    environment: environment ?? '',
    started_at: at ?? '',
    log_lines: lines.join(' '),
    text,
  }
}

function changeRow(change: ReportChange): Row {
  const { consent, commits, log, contradictions } = change
  return {
    ...textsOf(change),
    record: 'change',
    verified: String(change.verified),
    consent: consent.state,
    method: consent.method ?? '',
    level: consent.level ?? '',
    approval_id: consent.approval_id ?? '',
    decisions: consent.decisions.map(decisionText).join('; '),
    authors: commits.authors.join(' '),
    reviewers: commits.reviewers.join(' '),
    gates: change.gates.map(gateText).join('; '),
    skips: change.skips.join(' '),
    review_owed: reviewText(change),
    links: change.links.join(' '),
    log_lines: log.lines.join(' '),
    text: [change.cause, ...contradictions].filter((text) => text !== null).join('; '),
  }
}

/** The columns that are fields of a change by the same name. */
function textsOf(change: ReportChange): Row {
  const fields = Object.entries(change).filter(([, value]) => typeof value === 'string')
  return Object.fromEntries(fields)
}

function decisionText(decision: ReportChange['consent']['decisions'][number]): string {
  const { verdict, person, identity, method, level, at, proof } = decision
  return `${verdict} by ${person} as ${identity} (${method}, recorded as ${level}, ${at}): ${proof}`
}

function gateText({ name, requirement, status, evidence }: ReportChange['gates'][number]): string {
  return `${name} ${status} (${requirement}) ${evidence}`
}

function reviewText({ review_owed }: ReportChange): string {
  if (review_owed === null) return ''
  const { reviewed_by, reviewed_at, owed_since } = review_owed
  return reviewed_by === null ? `owed since ${owed_since}` : `by ${reviewed_by} at ${reviewed_at}`
}

function line(row: Row): string {
  return `${columns.map((name) => cell(row[name] ?? '')).join(',')}\r\n`
}

/** A spreadsheet runs what begins like a formula; a quote in front makes it text. */
function cell(text: string): string {
  const plain = sanitize(text).replaceAll(/\s+/g, ' ')
  const safe = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(plain) ? `'${plain}` : plain
  return `"${safe.replaceAll('"', '""')}"`
}
