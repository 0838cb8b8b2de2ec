export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const
export type Severity = (typeof severities)[number]
export type SeveritySummary = Record<Severity, number>

/** One security result; the fields of the tools' `vulnerabilities[]`. Text in it is untrusted. */
export interface Finding {
  /** Advisory id, or rule id for a finding in the tree. */
  id: string
  title: string
  severity: Severity
  package: string | null
  affected_versions: string | null
  fixed_version: string | null
  description: string
  cvss_score: number | null
  references: string[]
  /** The scanner that said so. */
  source: string
  /** Whether it ships (`runtime`) or is only used to build and test; null where unknown. */
  scope: 'runtime' | 'development' | null
  path: string | null
  line: number | null
  /** Stable over scans of unchanged content; never contains the secret itself. */
  fingerprint: string
}

/** How many findings of a severity are tolerated. */
export interface Thresholds {
  critical: number
  high: number
}

export function summarize(findings: readonly Pick<Finding, 'severity'>[]): SeveritySummary {
  const summary: SeveritySummary = { critical: 0, high: 0, medium: 0, low: 0, info: 0 }
  for (const finding of findings) summary[finding.severity] += 1
  return summary
}

/** Why these findings block, if they do; more than the threshold blocks. */
export function findingBlockers(summary: SeveritySummary, thresholds: Thresholds): string[] {
  const blockers: string[] = []
  for (const severity of ['critical', 'high'] as const) {
    if (summary[severity] > thresholds[severity]) {
      blockers.push(
        `${summary[severity]} ${severity} finding(s), more than the ${thresholds[severity]} allowed`,
      )
    }
  }
  return blockers
}
