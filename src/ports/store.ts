import type { Approval, ApprovalState, Decision } from '../core/approval.ts'
import type { Check } from '../core/check.ts'
import type { Deployment, DeploymentKind, DeploymentPatch } from '../core/deployment.ts'
import type { TrustedPolicy } from '../core/policy-trust.ts'
import type { CallerRole } from '../core/caller.ts'

/**
 * Durable state. Opens on first use. `write` runs its function inside one immediate transaction that
 * commits when it resolves; nothing but this transaction may be awaited inside. Fails with
 * `store_unavailable` (retryable when the store stayed busy for 10 s).
 */
export interface Store {
  read<T>(work: (tables: Tables) => Promise<T>): Promise<T>
  write<T>(work: (tables: Tables) => Promise<T>): Promise<T>
  /**
   * Looks without creating, migrating, locking or changing anything; null when there is no store yet.
   */
  inspect<T>(work: (tables: Tables) => Promise<T>): Promise<StoreInspection<T> | null>
  close(): Promise<void>
}

/** What a store is like, for those who judge it before anybody uses it. */
export interface StoreInspection<T> {
  file: string
  /** Version of its tables, and the one this gonogo works with. */
  schema: number
  schema_known: number
  /** What SQLite's quick check found; empty for a sound file. */
  damage: string[]
  /** What `work` saw; null when the tables are of another version, or damaged. */
  seen: T | null
}

/** The tables of one project; every row carries the project's name. */
export interface Tables {
  deployments: DeploymentTable
  locks: LockTable
  approvals: ApprovalTable
  evidence: EvidenceTable
  holds: HoldTable
  trustedPolicies: TrustedPolicyTable
  lineStops: LineStopTable
  reviewsOwed: ReviewOwedTable
  callerTokens: CallerTokenTable
  tokenEvents: TokenEventTable
  outbox: OutboxTable
}

export interface DeploymentTable {
  insert(deployment: Deployment): Promise<void>
  /** Keeps what was observed of somebody else's deployment, new or known; a rollback's mark on it stays. */
  putObserved(deployment: Deployment): Promise<void>
  get(id: string): Promise<Deployment | null>
  /** Every deployment that rests on this approval. */
  byApproval(approvalId: string): Promise<Deployment[]>
  /** Newest first. `total` counts all that match, not only the returned ones. */
  list(filter: DeploymentFilter): Promise<{ rows: Deployment[]; total: number }>
  /**
   * Takes the lease of a deployment that is under way, due at `now`, and whose lease is free, expired or
   * the owner's own, and bumps its fence. Null when there is none. `id` narrows it to one.
   */
  claim(claim: {
    owner: string
    now: number
    until: number
    id?: string
  }): Promise<Deployment | null>
  /** Changes the row if it still carries `fence`; false means somebody else took over. */
  update(id: string, fence: number, patch: DeploymentPatch): Promise<boolean>
  /** Bumps the fence without a lease, so that whoever drives the row now is shut out. */
  fenceOff(id: string): Promise<void>
}

export interface DeploymentFilter {
  environment?: string
  limit: number
  /** False leaves out failure, cancelled and outcome_unknown. Default true. */
  includeFailed?: boolean
  /** Only those under way. */
  underWay?: boolean
  kinds?: readonly DeploymentKind[]
  /** Made at or after, and before: milliseconds since the epoch. */
  from?: number
  until?: number
}

/** One mutation per environment at a time. */
export interface Lock {
  environment: string
  /** The deployment that holds it; null when a person does (`gonogo lock take`). */
  deployment_id: string | null
  holder: string
  reason: string
  since: number
  /** The person who has it again when this deployment ends; absent: nobody. */
  lent_by?: PersonsLock
}

/** What is known of a lock that a person took. */
export type PersonsLock = Pick<Lock, 'holder' | 'reason' | 'since'>

/** Somebody who was refused because the environment was held, so that the queue can be seen. */
export interface LockWaiter {
  environment: string
  waiter: string
  reason: string
  first_refused_at: number
  last_refused_at: number
}

export interface LockTable {
  get(environment: string): Promise<Lock | null>
  /** False when it is taken. */
  take(lock: Lock): Promise<boolean>
  /** Hands a held lock to another deployment. A person's is lent: whoever frees it gives it back. */
  transfer(environment: string, lock: Lock): Promise<void>
  /** Frees it if this deployment still holds it. */
  release(environment: string, deploymentId: string): Promise<void>
  /** Frees it if it is still exactly this one, or ends the lending of it; false when it is neither. */
  remove(lock: Lock): Promise<boolean>
  /** Oldest first. */
  waiters(environment: string): Promise<LockWaiter[]>
  /** Notes a refusal; a waiter that is known keeps its place. */
  wait(waiter: LockWaiter): Promise<void>
  /** Forgets a waiter, and all that were refused last before `before`. */
  unwait(environment: string, waiter: string | null, before: number): Promise<void>
}

export interface ApprovalTable {
  insert(approval: Approval): Promise<void>
  get(id: string): Promise<Approval | null>
  /** Newest first. */
  list(filter: {
    states?: readonly ApprovalState[]
    environment?: string
    limit: number
  }): Promise<Approval[]>
  /** Open or approved, unexpired request of a requester for an environment. */
  current(environment: string, requester: string, now: number): Promise<Approval | null>
  /** The request that a one-time code was minted for, by the code's hash. Proves nothing by itself. */
  byCode(codeSha256: string): Promise<Approval | null>
  /** Adds a decision; what was decided stays. */
  decide(decision: Decision): Promise<void>
  /** Moves from one state to another; false if it was not in that state any more. */
  move(
    id: string,
    from: ApprovalState,
    to: ApprovalState,
    changes?: { consumed_by: string | null },
  ): Promise<boolean>
}

/** A stored check with what it was about. */
export interface Evidence {
  id: string
  check: Check
  /** Commit the check was about. */
  sha: string
  /** Null when the result holds for every environment. */
  environment: string | null
  /** Hash of what produced it (command, thresholds); another subject is other evidence. */
  subject: string
  deployment_id: string | null
  recorded_at: number
}

export interface EvidenceTable {
  insert(evidence: Evidence): Promise<void>
  /** The newest one recorded at or after `since`. */
  latest(query: {
    check_name: string
    sha: string
    environment: string | null
    subject: string
    since: number
  }): Promise<Evidence | null>
  ofDeployment(deploymentId: string): Promise<Evidence[]>
}

/** A release that was rolled back from and must not return by itself. */
export interface Hold {
  environment: string
  sha: string
  version: string
  reason: string
  since: number
}

export interface HoldTable {
  insert(hold: Hold): Promise<void>
  list(environment: string): Promise<Hold[]>
  /** False when there was none. */
  remove(environment: string, sha: string): Promise<boolean>
}

/** The policy that an approver trusted last. */
export interface TrustedPolicyTable {
  /** Takes the place of the one before. */
  put(trusted: TrustedPolicy): Promise<void>
  last(): Promise<TrustedPolicy | null>
}

/** All promotions of the project are stopped, or were. */
export interface LineStop {
  id: string
  reason: string
  stopped_by: string
  stopped_at: number
  /** Canonical JSON that an approver signed to lift it; null while it holds. */
  lift_statement: string | null
  lift_signature: string | null
  lifted_by: string | null
  lifted_at: number | null
}

export interface LineStopTable {
  insert(stop: LineStop): Promise<void>
  /** Newest first. */
  list(limit: number): Promise<LineStop[]>
  /** What is stored may be no word of an approver, so it is replaced. False when there is no such stop. */
  lift(
    id: string,
    lift: Pick<LineStop, 'lift_statement' | 'lift_signature' | 'lifted_by' | 'lifted_at'>,
  ): Promise<boolean>
}

/** A deployment that went around gates, until somebody signs the review of it. */
export interface ReviewOwed {
  deployment_id: string
  environment: string
  /** What was set aside. */
  gates: string[]
  reason: string
  owed_since: number
  review_statement: string | null
  review_signature: string | null
  reviewed_by: string | null
  reviewed_at: number | null
}

export interface ReviewOwedTable {
  insert(owed: ReviewOwed): Promise<void>
  get(deploymentId: string): Promise<ReviewOwed | null>
  /** Newest first; `open` leaves out what was reviewed. */
  list(filter: { open?: boolean; limit: number }): Promise<ReviewOwed[]>
  /** What is stored may be no word of an approver, so it is replaced. False when none is owed. */
  review(
    deploymentId: string,
    review: Pick<
      ReviewOwed,
      'review_statement' | 'review_signature' | 'reviewed_by' | 'reviewed_at'
    >,
  ): Promise<boolean>
}

/** A token that names a caller. The token itself is shown once and stored nowhere. */
export interface CallerToken {
  id: string
  name: string
  sha256: string
  role: CallerRole
  /** Environments it may change; empty: all. */
  environments: string[]
  created_by: string
  created_at: number
  /** Null: never. */
  expires_at: number | null
  revoked_at: number | null
}

export interface CallerTokenTable {
  insert(token: CallerToken): Promise<void>
  /** Newest first, revoked and expired ones too. */
  list(): Promise<CallerToken[]>
  /** False when there is none of the id, or it was revoked before. */
  revoke(id: string, at: number): Promise<boolean>
}

/** Something worth remembering about a secret, by its label: `sha256:` and 12 hex digits. */
export interface TokenEvent {
  /** `exposed`: it has passed through an MCP argument. `refused`: somebody tried one that does not count. */
  kind: 'exposed' | 'refused'
  label: string
  /** Who handed it in. */
  caller: string
  at: number
}

export interface TokenEventTable {
  insert(event: TokenEvent): Promise<void>
  /** Newest first. */
  list(filter: { kind: TokenEvent['kind']; since: number; caller?: string }): Promise<TokenEvent[]>
}

/** A message that has to reach somebody, stored before it is sent. */
export interface OutboxMessage {
  id: string
  /** Name of the target in the configuration. */
  target: string
  event: string
  /** Canonical JSON: what happened, without secrets. */
  payload: string
  created_at: number
  /** When it is tried next. */
  due_at: number
  attempts: number
  last_error: string | null
  /** Null until the target took it. */
  delivered_at: number | null
  /** Set when it was given up. */
  abandoned_at: number | null
}

export interface OutboxTable {
  insert(message: OutboxMessage): Promise<void>
  /** Takes what is due and puts its next try off until `until`, so that one process sends it. */
  claim(now: number, until: number): Promise<OutboxMessage | null>
  update(
    id: string,
    change: Partial<
      Pick<OutboxMessage, 'due_at' | 'attempts' | 'last_error' | 'delivered_at' | 'abandoned_at'>
    >,
  ): Promise<void>
  /** Newest first; `pending` leaves out what was delivered or given up. */
  list(filter: { pending?: boolean; limit: number }): Promise<OutboxMessage[]>
}
