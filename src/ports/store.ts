import type { Approval, ApprovalState } from '../core/approval.ts'
import type { Check } from '../core/check.ts'
import type { Deployment, DeploymentKind, DeploymentPatch } from '../core/deployment.ts'
import type { TrustedPolicy } from '../core/policy-trust.ts'

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
}

/** One mutation per environment at a time. */
export interface Lock {
  environment: string
  /** The deployment that holds it. */
  deployment_id: string
  holder: string
  reason: string
  since: number
}

export interface LockTable {
  get(environment: string): Promise<Lock | null>
  /** False when it is taken. */
  take(lock: Lock): Promise<boolean>
  /** Hands a held lock to another deployment. */
  transfer(environment: string, lock: Lock): Promise<void>
  /** Frees it if this deployment still holds it. */
  release(environment: string, deploymentId: string): Promise<void>
}

/** What a decision may change; what was asked for never changes. */
export type ApprovalDecision = Partial<
  Pick<
    Approval,
    'method' | 'signature' | 'approver' | 'level' | 'decided_at' | 'reason' | 'consumed_by'
  >
>

export interface ApprovalTable {
  insert(approval: Approval): Promise<void>
  get(id: string): Promise<Approval | null>
  /** Newest first. */
  list(filter: { states?: readonly ApprovalState[]; limit: number }): Promise<Approval[]>
  /** Open or approved, unexpired request of a requester for an environment. */
  current(environment: string, requester: string, now: number): Promise<Approval | null>
  /** Moves from one state to another with the given changes; false if it was not in that state any more. */
  move(
    id: string,
    from: ApprovalState,
    to: ApprovalState,
    changes?: ApprovalDecision,
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
