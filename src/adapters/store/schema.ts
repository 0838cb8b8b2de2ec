import type { Approval } from '../../core/approval.ts'
import type { Deployment } from '../../core/deployment.ts'
import type { TrustedPolicy } from '../../core/policy-trust.ts'
import type { Evidence, Hold, Lock } from '../../ports/store.ts'

/**
 * The rows as stored. Only what SQLite and Postgres both have: text, integers, milliseconds since
 * the epoch, JSON as text, booleans as 0 and 1.
 */
export interface Schema {
  schema_version: SchemaVersionRow
  deployments: DeploymentRow
  locks: LockRow
  approvals: ApprovalRow
  evidence: EvidenceRow
  holds: HoldRow
  trusted_policies: TrustedPolicy
}

/** One migration that was applied. */
export interface SchemaVersionRow {
  version: number
  applied_at: number
}

/** A deployment, its releases spread over columns so that they can be queried. */
export interface DeploymentRow extends Omit<
  Deployment,
  'release' | 'from' | 'fault' | 'verified' | 'bypass'
> {
  release_sha: string
  release_version: string
  from_sha: string | null
  from_version: string | null
  fault: string | null
  verified: number
  bypass: number
}

/** A lock with the project it belongs to. */
export interface LockRow extends Lock {
  project: string
}

/** An approval with its request as canonical JSON: the bytes that are signed. */
export interface ApprovalRow extends Omit<Approval, 'request'> {
  request: string
}

/** A check as JSON, with the columns it is looked up by. */
export interface EvidenceRow extends Omit<Evidence, 'check'> {
  project: string
  check_name: string
  result: string
}

/** A hold with the project it belongs to. */
export interface HoldRow extends Hold {
  project: string
}
