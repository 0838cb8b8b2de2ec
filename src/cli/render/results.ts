import { oneLine } from '../../core/text.ts'
import { showDuration } from '../duration.ts'
import type { Palette } from '../style.ts'
import { fit, pad, wrap } from '../width.ts'
import { inCliWords } from '../words.ts'
import type { Page } from './page.ts'

export type Line = string

interface CheckRow {
  check_name: string
  status: string
  message: string
  duration_ms: number
}

/** A mark and a word, so that colour is never the only sign. */
export function statusMark(status: string, { good, bad, caution, faint }: Palette): string {
  const word = status.padEnd(8)
  if (status === 'passed' || status === 'success') return good(`✓ ${word}`)
  if (status === 'failed' || status === 'failure') return bad(`✗ ${word}`)
  return status === 'warning' ? caution(`! ${word}`) : faint(`- ${word}`)
}

export function renderChecks(checks: unknown, page: Page): Line[] {
  return (checks as CheckRow[]).flatMap(({ check_name, status, message, duration_ms }) => {
    const took = duration_ms > 0 ? page.palette.faint(`  ${showDuration(duration_ms)}`) : ''
    const mark = statusMark(status, page.palette)
    const line = `  ${mark} ${check_name.padEnd(20)} ${inCliWords(oneLine(message, 160))}${took}`
    return inFull(status) ? wrap(line, page.width, hanging(page)) : [fit(line, page.width)]
  })
}

/** Whoever has to act on it needs all of it. */
function inFull(status: string): boolean {
  return status !== 'passed'
}

/** Below the messages, where there is room for such a deep indent. */
function hanging({ width }: Page): string {
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

interface SmokeRow {
  name: string
  passed: boolean | null
  ran: boolean
  message: string
}

export function renderSmoke(results: unknown, page: Page): Line[] {
  return (results as SmokeRow[]).flatMap(({ name, passed, ran, message }) => {
    const status = ran ? (passed ? 'passed' : 'failed') : 'skipped'
    const mark = statusMark(status, page.palette)
    const line = `  ${mark} ${pad(oneLine(name, 40), 28)} ${oneLine(message, 140)}`
    return inFull(status) ? wrap(line, page.width, hanging(page)) : [fit(line, page.width)]
  })
}
