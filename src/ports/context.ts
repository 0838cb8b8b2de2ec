import type { BasePolicy } from '../core/base-policy.ts'
import type { Principal } from '../core/principal.ts'
import type { Project } from '../core/project.ts'
import type { AdminToken } from '../core/admin-token.ts'
import type { AuditLog } from './audit-log.ts'
import type { CommitRecords } from './commit-records.ts'
import type { HeldSecrets } from './held-secrets.ts'
import type { Keepers } from './keeper.ts'
import type { Migrations } from './migrations.ts'
import type { Notifier } from './notifier.ts'
import type { Operations } from './operations.ts'
import type { Pipeline } from './pipeline.ts'
import type { PlatformApprovals } from './platform-approvals.ts'
import type { Probe } from './probe.ts'
import type { Processes } from './process.ts'
import type { Registry } from './registry.ts'
import type { Runtime } from './runtime.ts'
import type { Scanner } from './scanner.ts'
import type { Approvers, Signer } from './signer.ts'
import type { Source } from './source.ts'
import type { Store } from './store.ts'
import type { TestRunner } from './test-runner.ts'
import type { Variables } from './variables.ts'

/** Everything outside, as one project sees it. Built once by `wiring.ts`. */
export interface Context {
  project: Project
  /** The effective policy as canonical JSON: what an approver trusts. */
  policyText: string
  /** Its hash; part of every plan. */
  policyHash: string
  runtime: Runtime
  store: Store
  source: Source
  /** Null without a configured pipeline: writes answer `no_pipeline_configured`. */
  pipeline: Pipeline | null
  scanners: readonly Scanner[]
  /** What the platform keeps about commits; null where there is no such platform. */
  commitRecords: CommitRecords | null
  tests: TestRunner
  migrations: Migrations
  registry: Registry
  /** For programs of the project's own: custom checks. */
  processes: Processes
  probe: Probe
  variables: Variables
  audit: AuditLog
  signer: Signer
  approvers: Approvers
  keepers: Keepers
  operations: Operations
  /** The policy of the branch that releases come from; absent, or null: there is none to compare with. */
  basePolicy?: () => Promise<BasePolicy | null>
  /**
   * Why this identity could bring a change onto that branch by itself, in one line; null when somebody else has
   * to review it. Absent: nothing keeps anybody from it.
   */
  baseReach?: () => Promise<string | null>
  /** The files this gonogo is made of: whoever can write them decides what a signature is worth. */
  programFiles: () => Promise<readonly string[]>
  /** DEPLOYMENT_ADMIN_TOKENS; empty outside compatibility mode. */
  adminTokens: readonly AdminToken[]
  /** The caller's own token (GONOGO_TOKEN); null without one. A secret. */
  callerToken: string | null
  /** What must be in no output. */
  held: HeldSecrets
  /** Where people approve with a login of the platform; null where they cannot. */
  platformApprovals: PlatformApprovals | null
  /** Sends what waits in the outbox. */
  notifier: Notifier
  /** Refuses every tool that writes, whatever was registered. */
  readOnly: boolean
}

/** One request: who asks, and how they hear of it. */
export interface Call extends Context {
  principal: Principal
  requestId: string
  /** How long the caller waits before a long tool answers `pending`. */
  waitMs: number
  /** Ends the waiting, never the work. */
  signal: AbortSignal
  progress: (message: string, done?: number, total?: number) => void
}
