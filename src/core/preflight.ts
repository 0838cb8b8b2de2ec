/** What would happen if a workflow were started: worked out from its text, without starting anything. */
export interface PreflightReport {
  /** Path of the workflow in its repository. */
  file: string
  event: string
  jobs: PreflightJob[]
  findings: PreflightFinding[]
  /** Environments whose job would run. */
  deploys: string[]
  /** What could not be worked out, one line each: then nothing here may be read as "fine". */
  unknown: string[]
  /** Whether every job that may deploy there waits for one that verifies an approval; absent: unknown. */
  verifies_approval?: boolean
  /** Whether that one knows which logins may approve; absent: unknown. */
  verifies_logins?: boolean
}

export interface PreflightJob {
  id: string
  /** The title the platform shows; absent: its id. */
  name?: string
  /** Null when it cannot be known beforehand. */
  runs: boolean | null
  /** Why it runs, is skipped, or cannot be known; one line. */
  reason: string
  /** The environment it names for these inputs; null when it names none. */
  environment: string | null
}

export type PreflightSeverity = 'error' | 'warning'

export interface PreflightFinding {
  /** Stable kebab-case name of the rule. */
  rule: string
  severity: PreflightSeverity
  /** One-based; 0 when the finding is about the whole file. */
  line: number
  column: number
  /** What is wrong and why it matters. */
  message: string
  /** What to change. */
  fix: string
}

/** Whether a start can be relied on to deploy to this environment. */
export type PreflightVerdict = 'deploys' | 'does_not_deploy' | 'unknown'

/** Errors and an environment that is not reached say no; what cannot be planned is unknown, never yes. */
export function preflightVerdict(report: PreflightReport, environment: string): PreflightVerdict {
  if (report.findings.some(({ severity }) => severity === 'error')) return 'does_not_deploy'
  if (report.deploys.includes(environment)) return report.unknown.length > 0 ? 'unknown' : 'deploys'
  const undecided = report.unknown.length > 0 || report.jobs.some(({ runs }) => runs === null)
  return undecided ? 'unknown' : 'does_not_deploy'
}
