import type { AssuranceLevel, DecisionMethod, DecisionVerdict } from '../approval.ts'
import type { DeploymentKind, DeploymentStatus, Health } from '../deployment.ts'
import type { ReportException } from './exception.ts'

/** What an auditor asks for: who changed what, who let them, and what went around the rules. */
export interface AuditReport {
  format: 'gonogo-audit-report-v1'
  project: string
  /** Of now. */
  policy_hash: string
  /** RFC 3339, UTC; `to` is not part of it. */
  from: string
  to: string
  made_at: string
  environments: string[]
  /** Others that had changes in this time, with how many. */
  left_out: Record<string, number>
  log: ReportedLog
  /** What speaks against it first. */
  exceptions: ReportException[]
  /** Oldest first. */
  changes: ReportChange[]
  totals: ReportTotals
}

/** Whether the log can be relied on, as it was verified for this report. */
export interface ReportedLog {
  path: string
  verified: boolean
  lines: number
  head: string
  anchored: boolean
  /** Lines that signed checkpoints cover. */
  sealed_lines: number
  /** Anchors that could not be read, and why: nothing is known of what they say. */
  unread: string[]
  /** Keys of checkpoints on the platform that are not this log's: another machine's, or one that was replaced. */
  unknown_keys: string[]
  /** The first that was found; empty for a sound log. */
  problems: string[]
}

export interface ReportChange {
  deployment_id: string
  environment: string
  kind: DeploymentKind
  version: string
  commit: string
  from_version: string | null
  started_at: string
  ended_at: string | null
  outcome: DeploymentStatus
  /** Whether the live system itself answered as it should. */
  verified: boolean
  health: Health
  cause: string | null
  requester: string
  /** On whose behalf; null when no request says it. */
  operator: string | null
  reason: string | null
  plan_hash: string | null
  policy_hash: string | null
  /** Flags that set gates aside. */
  skips: string[]
  consent: ReportedConsent
  commits: ReportedCommits
  gates: ReportedGate[]
  review_owed: ReportedReview | null
  run_id: string | null
  links: string[]
  log: ReportedLines
  /** Where the store, the log and the signatures do not say the same. */
  contradictions: string[]
}

export interface ReportedConsent {
  /**
   * `verified`: every approval in it was proven again just now. `unverified`: at least one was not.
   * `static_token`: a token of the configuration. `none`: there is no approval.
   */
  state: 'verified' | 'unverified' | 'static_token' | 'none'
  approval_id: string | null
  /** As the log recorded it when it was used. */
  method: string | null
  level: string | null
  decisions: ReportedDecision[]
}

export interface ReportedDecision {
  verdict: DecisionVerdict
  method: DecisionMethod
  person: string
  identity: string
  /** As it was recorded. */
  level: AssuranceLevel
  at: string
  url: string | null
  proof: DecisionProof
  /** Why it is not verified; null when it is. */
  problem: string | null
}

/**
 * `verified`: its signature holds, or the platform says it still. `unlisted`: whoever signed is no approver
 * any more, so that nothing can be said. `unproven`: nothing is there that could be verified.
 */
export type DecisionProof = 'verified' | 'unlisted' | 'unproven' | 'contradicted'

/** Who wrote what it brought, and who looked at that. */
export interface ReportedCommits {
  /** Why it is not known; null when it is. */
  problem: string | null
  total: number | null
  authors: string[]
  reviewers: string[]
  /** In words: commits that no other person approved. */
  unreviewed: string[]
}

export interface ReportedGate {
  name: string
  requirement: string
  status: string
  ran: boolean
  /** `sha256:` and the hash of its evidence. */
  evidence: string
  /** Whether the log holds the same hash. */
  in_log: boolean
}

export interface ReportedReview {
  gates: string[]
  reason: string
  owed_since: string
  /** Null as long as no review counts: its signature was verified for this report. */
  reviewed_by: string | null
  reviewed_at: string | null
  /** Why what is stored as a review does not count; null when it does, or nothing is. */
  problem: string | null
}

/** Where the log tells of a deployment. */
export interface ReportedLines {
  intent: number | null
  result: number | null
  /** All that name it or its approval, as far as they are kept. */
  lines: number[]
}

export interface ReportTotals {
  changes: number
  by_outcome: Record<string, number>
  by_environment: Record<string, number>
  by_kind: Record<string, number>
  by_consent: Record<string, number>
  by_level: Record<string, number>
  violations: number
  exceptions: number
  notices: number
}

/** Counts, in the order in which the words first appear. */
export function reportTotals(
  changes: readonly ReportChange[],
  exceptions: readonly ReportException[],
): ReportTotals {
  const weight = (wanted: ReportException['severity']) =>
    exceptions.filter(({ severity }) => severity === wanted).length
  return {
    changes: changes.length,
    by_outcome: countBy(changes, ({ outcome }) => outcome),
    by_environment: countBy(changes, ({ environment }) => environment),
    by_kind: countBy(changes, ({ kind }) => kind),
    by_consent: countBy(changes, ({ consent }) => consent.state),
    by_level: countBy(changes, ({ consent }) => consent.level ?? 'none'),
    violations: weight('violation'),
    exceptions: weight('exception'),
    notices: weight('notice'),
  }
}

function countBy(
  changes: readonly ReportChange[],
  word: (change: ReportChange) => string,
): Record<string, number> {
  const counts = new Map<string, number>()
  for (const change of changes) counts.set(word(change), (counts.get(word(change)) ?? 0) + 1)
  return Object.fromEntries(counts)
}
