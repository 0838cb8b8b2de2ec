import type { Approval, Decision } from '../../core/approval.ts'
import type { Deployment } from '../../core/deployment.ts'
import type { TrustedPolicy } from '../../core/policy-trust.ts'
import type {
  CallerToken,
  Evidence,
  Hold,
  LineStop,
  Lock,
  LockWaiter,
  OutboxMessage,
  ReviewOwed,
  TokenEvent,
} from '../../ports/store.ts'

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
  approval_decisions: DecisionRow
  lock_waiters: OfProject<LockWaiter>
  line_stops: OfProject<LineStop>
  reviews_owed: ReviewOwedRow
  caller_tokens: CallerTokenRow
  token_events: OfProject<TokenEvent>
  outbox: OfProject<OutboxMessage>
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

/** A lock with the project it belongs to; the lock of a person below it as JSON. */
export interface LockRow extends Omit<Lock, 'lent_by'> {
  project: string
  lent_by: string | null
}

/** An approval with its request as canonical JSON: the bytes that are signed. */
export interface ApprovalRow extends Omit<Approval, 'request' | 'decisions'> {
  request: string
}

/** A decision, with the code it can be looked up by. */
export interface DecisionRow extends Decision {
  project: string
  code_sha256: string | null
}

/** What was set aside as JSON. */
export interface ReviewOwedRow extends Omit<ReviewOwed, 'gates'> {
  project: string
  gates: string
}

/** Environments as JSON. */
export interface CallerTokenRow extends Omit<CallerToken, 'environments'> {
  project: string
  environments: string
}

/** A row that is nothing but its project's record. */
type OfProject<Row> = Row & { project: string }

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
