import { oneLine } from '../../core/text.ts'
import { showDuration } from '../duration.ts'
import type { Palette } from '../style.ts'
import { fit, wrap } from '../width.ts'
import { inCliWords } from '../words.ts'
import type { Page } from './page.ts'

export type Line = string

interface CheckRow {
  check_name: string
  status: string
  message: string
  duration_ms: number
  details?: Record<string, unknown>
}

/** A mark and a word, so that colour is never the only sign. */
export function statusMark(status: string, { good, bad, caution, faint }: Palette): string {
  const word = status.padEnd(8)
  if (status === 'passed' || status === 'success') return good(`✓ ${word}`)
  if (status === 'failed' || status === 'failure') return bad(`✗ ${word}`)
  return status === 'warning' ? caution(`! ${word}`) : faint(`- ${word}`)
}

/** `whole` shows below each what it saw, too. */
export function renderChecks(checks: unknown, page: Page, whole = false): Line[] {
  return (checks as CheckRow[]).flatMap((check) => [
    ...checkLines(check, page),
    ...(whole ? detailLines(check, page) : []),
  ])
}

function checkLines({ check_name, status, message, duration_ms }: CheckRow, page: Page): Line[] {
  const took = duration_ms > 0 ? page.palette.faint(`  ${showDuration(duration_ms)}`) : ''
  const mark = statusMark(status, page.palette)
  const told = inCliWords(oneLine(message, inFull(status) ? 1000 : 160))
  const line = `  ${mark} ${check_name.padEnd(20)} ${told}${took}`
  return inFull(status) ? wrap(line, page.width, hanging(page)) : [fit(line, page.width)]
}

function detailLines({ details = {} }: CheckRow, { palette, width }: Page): Line[] {
  return Object.entries(details).flatMap(([key, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    const line = oneLine(`${key}: ${text}`, Number.POSITIVE_INFINITY)
    return wrap(`      ${line}`, width, '        ').map(palette.faint)
  })
}

/** Whoever has to act on it needs all of it. */
export function inFull(status: string): boolean {
  return status !== 'passed'
}

/** Below the messages, where there is room for such a deep indent. */
export function hanging({ width }: Page): string {
  return ' '.repeat(width >= 80 ? 34 : 6)
}

interface FindingRow {
  severity: string
  title: string
  package: string | null
  path: string | null
  line: number | null
  fixed_version: string | null
}

export function renderFindings(output: Record<string, unknown>, page: Page): Line[] {
  const { palette, width } = page
  const engines = (output.engines ?? []) as { engine: string; status: string; message: string }[]
  const findings = output.vulnerabilities as FindingRow[]
  return [
    ...engines.map(({ engine, status, message }) => {
      const line = `  ${palette.faint(status.padEnd(16))} ${engine.padEnd(14)} ${oneLine(message, 140)}`
      return fit(line, width)
    }),
    ...findings.flatMap((finding) => wrap(findingLine(finding, palette), width, ' '.repeat(11))),
  ]
}

function findingLine(finding: FindingRow, { bad, caution }: Palette): Line {
  const { severity, title, path, line, fixed_version } = finding
  const paint = severity === 'critical' || severity === 'high' ? bad : caution
  const where = finding.package ?? `${path ?? '?'}${line === null ? '' : `:${line}`}`
  const fix = fixed_version === null ? '' : ` (fixed in ${fixed_version})`
  return `  ${paint(severity.padEnd(8))} ${oneLine(`${where}: ${title}${fix}`, 160)}`
}
