import type {
  PreflightFinding,
  PreflightJob,
  PreflightReport,
  PreflightSeverity,
  PreflightVerdict,
} from '../../core/preflight.ts'
import { sanitize } from '../../core/text.ts'
import type { Palette } from '../style.ts'
import { pad, widthOf, wrap } from '../width.ts'

interface Told {
  report: PreflightReport
  outcome: PreflightVerdict
  /** The one that was asked for; null: any. */
  environment: string | null
}

/** What a start would do, job by job, then what is wrong, then the answer in one line. */
export function renderPreflight(told: Told, palette: Palette, width: number): string[] {
  const { report } = told
  return [
    palette.strong(`${shown(report.file)} on ${shown(report.event)}`),
    ...jobLines(report.jobs, palette, width),
    '',
    ...report.findings.flatMap((finding) => findingLines(finding, palette, width)),
    ...report.unknown.flatMap((text) => unknownLines(text, palette, width)),
    ...(report.findings.length + report.unknown.length > 0 ? [''] : []),
    ...wrap(answer(told), width).map(paintOf(told.outcome, palette)),
  ]
}

/** As wide as a mark with its word. */
const gap = ' '.repeat(13)

/** A word beside each mark: neither a colour nor a sign alone says it. */
function markOf({ runs }: PreflightJob, { good, caution, faint }: Palette): string {
  if (runs === null) return caution('? unknown')
  return runs ? good('✓ runs   ') : faint('· skipped')
}

/** Names that are longer have their reason on the next line, and so has all in a narrow window. */
const longestName = 36
const leastReason = 32

function jobLines(jobs: readonly PreflightJob[], palette: Palette, width: number): string[] {
  const names = jobs.map(nameOf)
  const cells = names.map(widthOf).filter((each) => each <= longestName)
  const column = Math.max(0, ...cells)
  const beside = gap.length + column + 2
  const fits = width - beside >= leastReason
  return jobs.flatMap((job, index) => {
    const name = names[index]!
    const lead = `  ${markOf(job, palette)}  `
    const isBeside = fits && widthOf(name) <= column
    const indent = ' '.repeat(isBeside ? beside : gap.length)
    const reason = wrap(shown(job.reason), width - indent.length)
    const lines = reason.map((line) => `${indent}${line}`)
    if (!isBeside) return [`${lead}${name}`, ...lines]
    return [`${lead}${pad(name, column)}  ${reason[0]}`, ...lines.slice(1)]
  })
}

function nameOf({ id, environment }: PreflightJob): string {
  return environment === null ? shown(id) : `${shown(id)} → ${shown(environment)}`
}

const words: Record<PreflightSeverity, string> = {
  error: '✗ error  ',
  warning: '! warning',
}

function findingLines(finding: PreflightFinding, palette: Palette, width: number): string[] {
  const { severity, rule, line, column, message, fix } = finding
  const paint = { error: palette.bad, warning: palette.caution }[severity]
  const place = line === 0 ? 'file' : `${line}:${column}`
  const body = (text: string) => wrap(shown(text), width - 13).map((each) => `${gap}${each}`)
  return [
    `  ${paint(words[severity])}  ${palette.strong(place)}  ${shown(rule)}`,
    ...body(message),
    ...body(`fix: ${fix}`).map(palette.faint),
  ]
}

function unknownLines(text: string, palette: Palette, width: number): string[] {
  const [first = '', ...rest] = wrap(shown(text), width - 13)
  const below = rest.map((line) => `${gap}${line}`)
  return [`  ${palette.caution('? unknown')}  ${first}`, ...below]
}

function answer({ report, outcome, environment }: Told): string {
  const errors = report.findings.filter(({ severity }) => severity === 'error').length
  const where = environment === null ? 'any environment' : shown(environment)
  const reached = report.deploys.map(shown).join(', ') || 'nothing'
  if (outcome === 'deploys') return `It deploys ${environment === null ? reached : where}.`
  if (outcome === 'unknown')
    return `Unknown: whether it deploys ${where} cannot be worked out from the file.`
  if (errors > 0)
    return `It cannot be relied on to deploy ${environment ?? 'anything'}: ${counted(errors, 'error')}.`
  return environment === null
    ? 'It does not deploy: no job with an environment runs.'
    : `It does not deploy ${where}. It deploys ${reached}.`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function paintOf(outcome: PreflightVerdict, { good, caution, bad }: Palette) {
  return { deploys: good, unknown: caution, does_not_deploy: bad }[outcome]
}

function shown(text: string): string {
  return sanitize(text).replaceAll('\n', ' ')
}
