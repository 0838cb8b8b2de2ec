import {
  findingBlockers,
  severities,
  summarize,
  type Finding,
  type SeveritySummary,
} from '../../core/finding.ts'
import type { Call } from '../../ports/context.ts'
import type { ScanReport, Scanner } from '../../ports/scanner.ts'

export type EngineKind = Scanner['kind']

/** What became of one kind of engine. */
export interface EngineResult {
  engine: string
  kind: EngineKind
  status: 'ran' | 'could_not_run' | 'nothing_to_scan' | 'skipped'
  message: string
  details: Record<string, unknown>
}

export interface ScanResult {
  findings: Finding[]
  severity_summary: SeveritySummary
  passed: boolean
  blockers: string[]
  engines: EngineResult[]
}

export const everyEngine: readonly EngineKind[] = ['dependencies', 'code', 'secrets']

/** Runs the wanted engines over a commit's tree and applies the thresholds. */
export async function scan(
  sha: string,
  wanted: readonly EngineKind[],
  call: Call,
  signal?: AbortSignal,
): Promise<ScanResult> {
  const findings: Finding[] = []
  const engines: EngineResult[] = []
  for (const [index, kind] of everyEngine.entries()) {
    const scanners = call.scanners.filter((scanner) => scanner.kind === kind)
    call.progress(`scan: ${kind}`, index, everyEngine.length)
    if (!wanted.includes(kind)) engines.push(notRun(kind, 'skipped on request'))
    else if (scanners.length === 0) engines.push(notRun(kind, 'no engine yet'))
    for (const scanner of wanted.includes(kind) ? scanners : []) {
      const report = await scanner.scan(sha, signal ? { signal } : {})
      findings.push(...report.findings)
      engines.push(engineResult(scanner, report))
    }
  }
  return conclude(findings, engines, call)
}

function conclude(findings: Finding[], engines: EngineResult[], call: Call): ScanResult {
  const severity_summary = summarize(findings)
  const unable = engines.filter((engine) => engine.status === 'could_not_run')
  const blockers = [
    ...findingBlockers(severity_summary, call.project.security.thresholds),
    ...unable.map((engine) => `${engine.engine} could not run: ${engine.message}`),
  ]
  const worstFirst = findings.toSorted(
    (left, right) => severities.indexOf(left.severity) - severities.indexOf(right.severity),
  )
  // With no engine at work nothing was proven, and nothing may be reported as passed.
  const somethingRan = engines.some((engine) => engine.status === 'ran')
  if (!somethingRan) blockers.push('no engine ran, so nothing is known')
  return {
    findings: worstFirst,
    severity_summary,
    passed: blockers.length === 0,
    blockers,
    engines,
  }
}

function notRun(kind: EngineKind, message: string): EngineResult {
  return { engine: kind, kind, status: 'skipped', message, details: {} }
}

function engineResult(scanner: Scanner, report: ScanReport): EngineResult {
  const { message, details } = report
  const status = report.ran ? 'ran' : report.applies ? 'could_not_run' : 'nothing_to_scan'
  return { engine: scanner.name, kind: scanner.kind, status, message, details }
}
