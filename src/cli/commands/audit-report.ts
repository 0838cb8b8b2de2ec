import type { AuditReport } from '../../core/report/report.ts'
import { Failure } from '../../core/failure.ts'
import { auditReport } from '../../desk/report/report.ts'
import { reportWindow } from '../../desk/report/window.ts'
import { exits, type ExitCode } from '../exit.ts'
import { reportCsv } from '../render/audit-report-csv.ts'
import { reportMarkdown } from '../render/audit-report-md.ts'
import { printJson, type Session } from '../session.ts'
import { writeNewFile } from './output-file.ts'

export interface AuditReportOptions {
  from: string
  to?: string
  environment?: string
  format?: 'md' | 'csv' | 'json'
  output?: string
}

/** Writes the report. It fails when the log does not hold, and is written all the same. */
export async function runAuditReport(
  session: Session,
  options: AuditReportOptions,
): Promise<ExitCode> {
  const { call, surface } = session
  const { from, to, environment, output } = options
  const format = formatOf(session, options)
  const window = reportWindow(from, to, call.runtime.now())
  const report = await auditReport(call, { window, environment })
  const parts = written(report, format)
  if (output !== undefined) {
    await writeNewFile(output, parts)
    printJson(session, { file: output, format, totals: report.totals, log: report.log })
    session.print(`${output}: ${summary(report)}`)
  } else for (const part of parts) surface.out.write(part)
  if (output === undefined) session.note(summary(report))
  return holds(report) ? exits.done : exits.failed
}

function formatOf({ options: { json } }: Session, { format, output }: AuditReportOptions) {
  if (!json || output !== undefined) return format ?? (json ? 'json' : 'md')
  if (format === undefined || format === 'json') return 'json'
  throw new Failure({
    code: 'invalid_input',
    message: `--json and --format ${format} are two answers on one output`,
    hint: 'leave one of them out, or write the report with --output FILE',
    details: { field: 'format' },
  })
}

function written(report: AuditReport, format: 'md' | 'csv' | 'json'): Iterable<string> {
  if (format === 'md') return reportMarkdown(report)
  if (format === 'csv') return reportCsv(report)
  return [`${JSON.stringify({ schema_version: 1, ...report }, null, 2)}\n`]
}

function summary({ totals }: AuditReport): string {
  const { changes, violations, exceptions } = totals
  return `${changes} change(s), ${violations} violation(s), ${exceptions} exception(s)`
}

/** A record that was changed or that contradicts itself is no basis for any other statement. */
function holds({ log, exceptions }: AuditReport): boolean {
  const broken = new Set(['record_contradicted', 'deployment_missing', 'approval_contradicted'])
  return log.verified && !exceptions.some(({ kind }) => broken.has(kind))
}
