import type { Finding } from '../core/finding.ts'

/** One security engine. */
export interface Scanner {
  readonly name: string
  readonly kind: 'dependencies' | 'code' | 'secrets'
  /** What would be read and contacted, for a dry run. */
  describe(): string
  /** Scans a commit's tree. Never throws for its own failings: it says `ran: false`. */
  scan(sha: string, options: { signal?: AbortSignal }): Promise<ScanReport>
}

/**
 * Three outcomes, never two: clean (`ran`, no findings), findings, or could not run.
 * `applies: false` says there was nothing of its kind to scan (no lock file), which is not "clean".
 */
export interface ScanReport {
  ran: boolean
  applies: boolean
  findings: Finding[]
  message: string
  details: Record<string, unknown>
}
