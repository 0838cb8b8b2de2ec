import { sanitize } from '../../core/text.ts'
import { smokeStatus, type SmokeRow } from './smoke.ts'

/** The part of a smoke run's answer that a report is made of. */
export interface SmokeReport {
  environment: string
  test_suite: string
  passed: boolean | null
  results: SmokeRow[]
  duration_ms: number
  executed_at: string | null
}

/**
 * JUnit XML: one suite with a case for each step. What was wrong is a failure; what could not be told
 * is an error; what never ran, because of another one, is skipped.
 */
export function junitXml(report: SmokeReport): string {
  const { environment, test_suite, results, duration_ms, executed_at } = report
  const cause = results.findIndex((row) => row.passed === false && row.phase !== 'teardown')
  const cases = results.map((row, index) => testCase(row, report, index === cause))
  const counts = ['failure', 'error', 'skipped'].map(
    (sign) =>
      cases.filter((lines) => lines.some((line) => line.startsWith(`      <${sign} `))).length,
  )
  const [failures = 0, errors = 0, skipped = 0] = counts
  const suite = attributes({
    name: `${environment} ${test_suite}`,
    tests: results.length,
    failures,
    errors,
    skipped,
    time: seconds(duration_ms),
    ...(executed_at !== null && { timestamp: executed_at.replace(/Z$/, '') }),
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ tests: results.length, failures, errors, skipped, time: seconds(duration_ms) })}>`,
    `  <testsuite${suite}>`,
    ...cases.flat(),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function testCase(row: SmokeRow, report: SmokeReport, isCause: boolean): string[] {
  const { environment, test_suite } = report
  const head = attributes({
    name: row.name,
    classname: `smoke.${environment}.${row.phase ?? test_suite}`,
    time: seconds(row.duration_ms ?? 0),
  })
  const inside = [...verdict(row, isCause), ...remarks(row)]
  return [`    <testcase${head}>`, ...inside, '    </testcase>']
}

function verdict(row: SmokeRow, isCause: boolean): string[] {
  const status = smokeStatus(row)
  const message = attributes({ message: row.message })
  if (status === 'skipped' && !isCause) return [`      <skipped${message}/>`]
  if (!isCause && status !== 'failed') return []
  const sign = row.ran ? 'failure' : 'error'
  return [`      <${sign}${message}>${escaped(exchangeOf(row))}</${sign}>`]
}

function exchangeOf({ exchange, message }: SmokeRow): string {
  return exchange ? `${message}\n\n${exchange.request}\n\n${exchange.answer}` : message
}

/** What does not decide: a pass at a later attempt, a teardown that failed, times. */
function remarks(row: SmokeRow): string[] {
  const text = [
    ...(smokeStatus(row) === 'warning'
      ? [`${row.flaky ? 'flaky' : 'teardown'}: ${row.message}`]
      : []),
    ...(row.latency ? [JSON.stringify(row.latency)] : []),
  ].join('\n')
  return text === '' ? [] : [`      <system-out>${escaped(text)}</system-out>`]
}

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('')
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

/** Text that XML can hold: some characters may not be in it at all, however they are written. */
function escaped(text: string): string {
  return sanitize(text)
    .toWellFormed()
    .replace(/[\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
