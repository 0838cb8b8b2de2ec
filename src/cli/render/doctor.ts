import { sanitize } from '../../core/text.ts'
import type { DrillStep } from '../../doctor/drill/step.ts'
import { areas, type Finding, type Status } from '../../doctor/finding.ts'
import type { Palette } from '../style.ts'
import { wrap } from '../width.ts'
import { inCliWords } from '../words.ts'

/** A word beside each mark: neither a colour nor a sign alone says how bad it is. */
const marks: Record<Status, string> = {
  ok: '✓ ok  ',
  note: '· note',
  warn: '! warn',
  fail: '✗ fail',
}

/** How many findings there are of each kind. */
export function counted(findings: readonly Finding[]): Record<Status, number> {
  const counts = { ok: 0, note: 0, warn: 0, fail: 0 }
  for (const { status } of findings) counts[status] += 1
  return counts
}

/** The findings of each area below its name, and the sum of them. */
export function renderFindings(
  findings: readonly Finding[],
  palette: Palette,
  width: number,
): string[] {
  const groups = Map.groupBy(findings, ({ area }) => area)
  const blocks = [...groups].flatMap(([area, members]) => [
    palette.strong(areas[area]),
    ...members.flatMap((finding) => findingLines(finding, palette, width)),
    '',
  ])
  return [...blocks, sum(findings, palette)]
}

function findingLines(
  { status, message, fix }: Finding,
  palette: Palette,
  width: number,
): string[] {
  const mark = painted(status, palette)(marks[status])
  return item(`  ${mark}  `, 10, { text: message, label: 'fix', fix }, palette, width)
}

function painted(status: Status, { good, caution, bad, faint }: Palette) {
  return { ok: good, note: faint, warn: caution, fail: bad }[status]
}

function sum(findings: readonly Finding[], palette: Palette): string {
  const { ok, note, warn, fail } = counted(findings)
  const text = `${ok} ok, ${note} to note, ${warn} to look at, ${fail} failed`
  if (fail > 0) return palette.bad(`${text}: gonogo will not work as it should`)
  return warn > 0 ? palette.caution(text) : palette.good(text)
}

/** The checklist of a drill. */
export function renderDrill(
  drill: { passed: boolean; steps: readonly DrillStep[]; not_exercised: readonly string[] },
  palette: Palette,
  width: number,
): string[] {
  const { passed, steps, not_exercised } = drill
  const left = steps.filter((step) => !step.done).length
  const end = passed
    ? palette.good(`all ${steps.length} steps done`)
    : palette.bad(`${left} of ${steps.length} steps not done`)
  return [
    palette.strong('The way to production, as dry runs'),
    ...steps.flatMap((step, index) => stepLines(step, index + 1, palette, width)),
    '',
    end,
    '',
    'Not exercised:',
    ...not_exercised.flatMap((text) =>
      item('  - ', 4, { text, fix: null, label: '' }, palette, width),
    ),
  ]
}

function stepLines(step: DrillStep, number: number, palette: Palette, width: number): string[] {
  const mark = step.done ? palette.good('✓ done    ') : palette.bad('✗ not done')
  const { title, message, fix } = step
  const first = `  ${mark}  ${number} ${title}`
  return [
    first,
    ...item(' '.repeat(16), 16, { text: message, label: 'to do', fix }, palette, width),
  ]
}

/** A text behind its mark, wrapped below itself; its fix on a line that can be copied whole. */
function item(
  lead: string,
  indent: number,
  { text, label, fix }: { text: string; label: string; fix: string | null },
  { faint }: Palette,
  width: number,
): string[] {
  const gap = ' '.repeat(indent)
  const [first = '', ...rest] = wrap(told(text), width - indent)
  const mended = fix === null ? [] : [`${gap}${faint(`${label}:`)} ${told(fix)}`]
  return [`${lead}${first}`, ...rest.map((line) => `${gap}${line}`), ...mended]
}

function told(text: string): string {
  return inCliWords(sanitize(text)).replaceAll('\n', ' ')
}
