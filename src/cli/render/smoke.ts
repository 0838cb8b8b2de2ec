import { oneLine, sanitize } from '../../core/text.ts'
import { fit, pad, wrap } from '../width.ts'
import type { Page } from './page.ts'
import { hanging, inFull, statusMark, type Line } from './results.ts'

/** One result as the tool answers it; a dry run says less. */
export interface SmokeRow {
  name: string
  kind?: string
  phase?: string
  passed: boolean | null
  ran: boolean
  message: string
  duration_ms?: number
  attempts?: number
  flaky?: boolean
  latency?: { requests: number; p50_ms: number; p95_ms: number; p99_ms: number; max_ms: number }
  exchange?: { request: string; answer: string }
}

/** What a step came to, in one word. A step that waits for another one is skipped. */
export function smokeStatus({ passed, ran, attempts = 0, phase, flaky = false }: SmokeRow) {
  if (passed === true) return flaky ? 'warning' : 'passed'
  if (passed === null || (!ran && attempts === 0)) return 'skipped'
  return phase === 'teardown' ? 'warning' : 'failed'
}

export function renderSmoke(results: unknown, page: Page): Line[] {
  return (results as SmokeRow[]).flatMap((row) => {
    const status = smokeStatus(row)
    const mark = statusMark(status, page.palette)
    const label = row.phase === 'test' || !row.phase ? row.name : `${row.phase}: ${row.name}`
    const line = `  ${mark} ${pad(oneLine(label, 40), 28)} ${oneLine(row.message, 300)}`
    const told = inFull(status) ? wrap(line, page.width, hanging(page)) : [fit(line, page.width)]
    return [...told, ...details(row).map((text) => page.palette.faint(fit(text, page.width)))]
  })
}

function details({ latency, exchange }: SmokeRow): Line[] {
  return [
    ...(latency ? [`      ${latencyText(latency)}`] : []),
    ...(exchange ? [...quoted('>', exchange.request), ...quoted('<', exchange.answer)] : []),
  ]
}

function latencyText({ requests, p50_ms, p95_ms, p99_ms, max_ms }: Required<SmokeRow>['latency']) {
  return `${requests} requests: p50 ${p50_ms} ms, p95 ${p95_ms} ms, p99 ${p99_ms} ms, max ${max_ms} ms`
}

/** What another system said is marked in each of its lines, so that none can pass for one of ours. */
function quoted(sign: string, text: string): Line[] {
  return sanitize(text)
    .split('\n')
    .map((line) => `      ${sign} ${line.replaceAll('\t', ' ')}`)
}
