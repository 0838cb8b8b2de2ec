import { z } from 'zod'
import type { Finding, Severity } from '../../core/finding.ts'
import { oneLine } from '../../core/text.ts'

const advisory = z.object({
  source: z.union([z.number(), z.string()]),
  name: z.string(),
  title: z.string(),
  url: z.string(),
  severity: z.string(),
  range: z.string(),
  cvss: z.object({ score: z.number(), vectorString: z.string().nullable() }).optional(),
})
type Advisory = z.infer<typeof advisory>

const vulnerability = z.object({
  via: z.array(z.union([z.string(), advisory])),
  nodes: z.array(z.string()),
  fixAvailable: z.union([z.boolean(), z.object({ name: z.string(), version: z.string() })]),
})
type Vulnerability = z.infer<typeof vulnerability>

const auditReport = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(z.string(), vulnerability),
  metadata: z.object({ dependencies: z.object({ total: z.number() }) }),
})

/** What npm prints instead of a report when it could not ask the registry. */
const refusal = z.object({
  message: z.string().optional(),
  error: z.object({ summary: z.string().optional() }).optional(),
})

/** Which locked packages are only used to build and test. */
const lockFile = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })).optional(),
})
export type LockFile = z.infer<typeof lockFile>

export type AuditOutcome =
  | { problem: string }
  | { packages: number; findings: Omit<Finding, 'fingerprint'>[] }

/** A lock file's text as far as it matters here, or null if it is not one. */
export function parseLock(text: string): LockFile | null {
  return lockFile.safeParse(parseJson(text)).data ?? null
}

/** npm itself audits beside a broken package.json, as if it asked for nothing. */
export function isManifest(text: string): boolean {
  return z.looseObject({}).safeParse(parseJson(text)).success
}

/** Reads `npm audit --json`. Whatever is not a whole report of version 2 says that npm could not audit. */
export function readAudit(output: string, lock: LockFile, path: string): AuditOutcome {
  const json = parseJson(output)
  const report = auditReport.safeParse(json)
  if (!report.success) return { problem: problemOf(json) }
  const findings = Object.values(report.data.vulnerabilities).flatMap((entry) =>
    // Text entries only name the vulnerable dependency, which has its own entry.
    entry.via
      .filter((via) => typeof via !== 'string')
      .map((via) => findingOf(via, entry, lock, path)),
  )
  return { packages: report.data.metadata.dependencies.total, findings }
}

/** A message of npm's, fit to be shown: a registry's URL may carry a password. */
export function npmMessage(text: string): string {
  return oneLine(text.replace(/\/\/[^/\s@]*@/g, '//***@'), 300)
}

function problemOf(json: unknown): string {
  const { message, error } = refusal.safeParse(json).data ?? {}
  const text = message || error?.summary
  return text ? npmMessage(text) : 'npm audit printed no report'
}

function findingOf(
  via: Advisory,
  entry: Vulnerability,
  lock: LockFile,
  path: string,
): Omit<Finding, 'fingerprint'> {
  const title = oneLine(via.title)
  const name = oneLine(via.name)
  const range = oneLine(via.range)
  return {
    id: /GHSA(?:-[0-9a-z]{4}){3}/.exec(via.url)?.[0] ?? `npm:${via.source}`,
    title,
    severity: severityOf(via.severity),
    package: name,
    affected_versions: range,
    fixed_version: fixedVersion(via, entry),
    description: `${title} in ${name} ${range}. ${fixOf(entry)}`,
    cvss_score: via.cvss?.vectorString ? via.cvss.score : null,
    references: [oneLine(via.url)],
    source: 'npm-audit',
    scope: scopeOf(entry.nodes, lock),
    path: oneLine(path, 500),
    line: null,
  }
}

const severities: Record<string, Severity> = {
  critical: 'critical',
  high: 'high',
  moderate: 'medium',
  low: 'low',
  info: 'info',
}

/** A word npm does not use today must not make an advisory look harmless. */
function severityOf(word: string): Severity {
  return severities[word] ?? 'high'
}

function fixedVersion(via: Advisory, { fixAvailable }: Vulnerability): string | null {
  if (typeof fixAvailable === 'boolean' || fixAvailable.name !== via.name) return null
  return oneLine(fixAvailable.version)
}

function fixOf({ fixAvailable }: Vulnerability): string {
  if (fixAvailable === true) return 'npm audit fix updates it.'
  if (fixAvailable === false) return 'npm knows no update that fixes it.'
  return `Fixed by updating ${oneLine(fixAvailable.name)} to ${oneLine(fixAvailable.version)}.`
}

function scopeOf(nodes: readonly string[], { packages }: LockFile): Finding['scope'] {
  if (packages === undefined || nodes.length === 0) return null
  return nodes.every((node) => packages[node]?.dev === true) ? 'development' : 'runtime'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
