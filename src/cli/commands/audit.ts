import { oneLine, sanitize } from '../../core/text.ts'
import type { AuditLine } from '../../core/audit.ts'
import { exits, type ExitCode } from '../exit.ts'
import { printJson, type Session } from '../session.ts'
import { paletteFor, type Palette } from '../style.ts'
import { columnsOf } from '../terminal.ts'
import { fit, widthOf } from '../width.ts'

const shownProblems = 20

/** The last lines of the audit log. */
export async function runAudit(session: Session, limit: number): Promise<ExitCode> {
  const lines = await session.call.audit.tail(limit)
  printJson(session, { path: session.call.audit.path, lines })
  const palette = paletteFor(session.surface.out)
  const width = columnsOf(session.surface.out)
  for (const line of lines) session.print(auditLine(line, palette, width))
  return exits.done
}

/** Verifies the log or a copy of it, and says what that does not prove. */
export async function runAuditVerify(
  session: Session,
  file: string | undefined,
): Promise<ExitCode> {
  const verdict = await session.call.audit.verify(file)
  const path = file ?? session.call.audit.path
  const { good, bad } = paletteFor(session.surface.out)
  printJson(session, { path, ...verdict })
  if (verdict.consistent) {
    session.print(good(`${verdict.lines} lines, self-consistent, not anchored`))
    session.print(
      'not anchored: whoever can write the log and its lock database can rewrite all of it',
    )
    return exits.done
  }
  session.print(bad(`${path} was changed: ${verdict.problems.length} problem(s)`))
  for (const { line, problem } of verdict.problems.slice(0, shownProblems)) {
    session.print(`  line ${line}: ${sanitize(problem)}`)
  }
  return exits.failed
}

/** What says something: a flag that was not set does not. */
function brief(details: AuditLine['details']): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== false && value !== '')
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
}

/** The outcome is never what falls off the end of a narrow line. */
function auditLine(line: AuditLine, { good, bad, faint }: Palette, width: number): string {
  const { seq, timestamp, operation, user, environment, success, phase, dry_run } = line
  const outcome = success === null ? faint(phase) : success ? good('ok') : bad('failed')
  const details = faint(oneLine(brief(line.details), 160))
  const where = `${environment ?? '-'}${dry_run ? ' (dry run)' : ''}`
  const what = oneLine(`${timestamp}  ${operation}  ${where}  ${user}`, 200)
  const number = String(seq).padStart(4)
  const others = number.length + widthOf(outcome) + '    …'.length
  const shown = fit(what, Math.max(20, width - others))
  return fit(`${number}  ${shown}  ${outcome}  ${details}`, width)
}
