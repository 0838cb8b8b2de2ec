import type { MigrationFinding, MigrationReport, MigrationVerdict } from '../../core/migration.ts'
import { sanitize } from '../../core/text.ts'
import type { Palette } from '../style.ts'
import { wrap } from '../width.ts'

/** The two ends in words; `from` is null when all migrations count. */
interface Range {
  from: string | null
  to: string
}

/** What would be applied, then the findings, the worst first, then the answer. */
export function renderMigrations(
  report: MigrationReport,
  range: Range,
  palette: Palette,
  width: number,
): string[] {
  const text = (line: string) => wrap(shown(line), width)
  return [
    ...text(title(report, range)).map(palette.strong),
    ...text(revisionsOf(report)),
    '',
    ...report.findings.flatMap((finding) => [...findingLines(finding, palette, width), '']),
    ...report.notes.flatMap((note) => text(`note: ${note}`)).map(palette.faint),
    ...(report.notes.length > 0 ? [''] : []),
    ...text(answer(report, range)).map(paintOf(report.verdict, palette)),
  ]
}

function title({ framework, directories }: MigrationReport, { from, to }: Range): string {
  const since = from === null ? `all up to ${to}` : `from ${from} to ${to}`
  const where = directories.length === 0 ? '' : ` in ${directories.map(rootNamed).join(', ')}`
  return `Migrations${where}${framework === null ? '' : ` (${framework})`}, ${since}`
}

function rootNamed(directory: string): string {
  return directory === '' ? '.' : directory
}

/** More of them are counted. */
const mostRevisions = 8

function revisionsOf({ revisions }: MigrationReport): string {
  if (revisions.length === 0) return 'nothing would be applied'
  const named = revisions.slice(0, mostRevisions).join(', ')
  const more = revisions.length - mostRevisions
  return `${revisions.length} would be applied: ${named}${more > 0 ? ` and ${more} more` : ''}`
}

/** A word beside each mark: neither a colour nor a sign alone says it. */
const words: Record<MigrationVerdict, string> = {
  safe: '✓ safe        ',
  needs_review: '! needs review',
  unknown: '? unknown     ',
  destructive: '✗ destructive ',
}

/** As wide as a mark with its word. */
const gap = ' '.repeat(18)

function findingLines(finding: MigrationFinding, palette: Palette, width: number): string[] {
  const { verdict, file, line, kind, statement, effect, advice, breaks_old_release } = finding
  const body = (text: string) => wrap(shown(text), width - gap.length).map((each) => gap + each)
  const place = `${shown(file)}:${line}`
  const head = `  ${paintOf(verdict, palette)(words[verdict])}  ${palette.strong(place)}  ${kind.replaceAll('_', ' ')}`
  return [
    head,
    ...(statement === '' ? [] : body(statement)),
    ...(effect === null ? [] : body(`effect: ${effect}`)),
    ...body(`safer: ${advice}`).map(palette.faint),
    ...(breaks_old_release === true
      ? body('the release before it no longer works afterwards')
      : []),
  ]
}

function answer(
  { verdict, findings, code_only_rollback }: MigrationReport,
  { from }: Range,
): string {
  const count = findings.filter((finding) => finding.verdict === verdict).length
  const what: Record<MigrationVerdict, string> = {
    safe: 'Safe to apply.',
    needs_review: `Needs review: ${counted(count)}.`,
    unknown: `Unknown: ${counted(count)} that nobody can tell anything about.`,
    destructive: `Destructive: ${counted(count)}.`,
  }
  return `${what[verdict]} ${from === null ? '' : wayBack(code_only_rollback, from)}`.trim()
}

function counted(count: number): string {
  return `${count} ${count === 1 ? 'finding' : 'findings'}`
}

function wayBack(works: boolean | null, from: string): string {
  if (works === true) return `Going back to ${from} needs only the code.`
  return works === false
    ? `Going back to ${from} needs more than the code: it does not work on the new schema.`
    : `Whether ${from} works on the new schema cannot be told.`
}

function paintOf(verdict: MigrationVerdict, { good, caution, bad }: Palette) {
  return { safe: good, needs_review: caution, unknown: caution, destructive: bad }[verdict]
}

function shown(text: string): string {
  return sanitize(text).replaceAll('\n', ' ')
}
