import { oneLine, sanitize } from '../../core/text.ts'
import type { AuditLine, AuditVerdict } from '../../core/audit.ts'
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

export interface VerifyFlags {
  checkpoint?: string[]
  publicKey?: string
}

/** Verifies the log or a copy of it, and says what that does not prove. */
export async function runAuditVerify(
  session: Session,
  file: string | undefined,
  { checkpoint = [], publicKey }: VerifyFlags,
): Promise<ExitCode> {
  const verdict = await session.call.audit.verify({
    checkpoints: checkpoint,
    ...(file !== undefined && { file }),
    ...(publicKey !== undefined && { publicKey }),
  })
  const path = file ?? session.call.audit.path
  printJson(session, { path, ...verdict })
  for (const line of verdictLines(verdict, path, paletteFor(session.surface.out)))
    session.print(line)
  if (!verdict.consistent) return exits.failed
  return verdict.anchored ? exits.done : exits.blocked
}

function* verdictLines(verdict: AuditVerdict, path: string, palette: Palette): Generator<string> {
  const { good, bad, caution } = palette
  const { consistent, anchored, lines, problems } = verdict
  if (!consistent) {
    yield bad(`${path} was changed: ${problems.length} problem(s)`)
    for (const { line, problem } of problems.slice(0, shownProblems))
      yield `  line ${line}: ${sanitize(problem)}`
  } else if (anchored) {
    yield good(`${lines} lines, self-consistent, anchored up to line ${anchoredUpTo(verdict)}`)
  } else {
    yield caution(`${lines} lines, self-consistent, not anchored`)
    yield 'not anchored: whoever can write the log and what lies beside it can rewrite all of it'
  }
  for (const [place, size] of anchorsOf(verdict))
    yield `  ${oneLine(place, 200)} covers the first ${size} line(s)`
  if (verdict.unknown_keys.length > 0) yield* unknownKeyLines(verdict.unknown_keys)
  for (const place of verdict.unread) yield caution(`  could not be asked: ${sanitize(place)}`)
}

/** The newest checkpoint of each anchor that agrees. */
function anchorsOf({ checkpoints }: AuditVerdict): Map<string, number> {
  const agreeing = checkpoints.filter(({ anchor, problem }) => anchor && problem === null)
  return new Map(agreeing.map(({ place, size }) => [place, size]))
}

function anchoredUpTo(verdict: AuditVerdict): number {
  return Math.max(...anchorsOf(verdict).values())
}

function* unknownKeyLines(keys: readonly string[]): Generator<string> {
  yield `  there are checkpoints of other keys, too: ${oneLine(keys.join(', '), 200)}`
  yield "  other machines' logs, or this one's before its key was replaced: a copy of the public key"
  yield '  that you kept tells: gonogo audit verify --public-key FILE'
}

/** Signs a checkpoint; its text on stdout is what a person keeps elsewhere. */
export async function runAuditCheckpoint(session: Session): Promise<ExitCode> {
  const made = await session.call.audit.checkpoint()
  printJson(session, { path: session.call.audit.path, checkpoint: made })
  if (made === null) {
    session.note('nothing to sign: the log is empty')
    return exits.done
  }
  session.print(made.note.trimEnd())
  for (const place of made.anchored_at) session.note(`kept at ${place}`)
  for (const problem of made.problems) session.note(`not kept: ${problem}`)
  if (made.anchored_at.length === 0)
    session.note('no anchor took it: keep this text where the log cannot be written from')
  return made.problems.length === 0 ? exits.done : exits.failed
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
