import type { ApprovalRequest } from '../core/approval.ts'
import type { Changes } from '../core/change-review.ts'
import type { Deployment } from '../core/deployment.ts'
import type { Holdings } from '../core/environment-names.ts'
import type { ObservedDeployment } from '../core/observed.ts'
import type { Pace } from '../core/pace.ts'
import type { PreflightReport } from '../core/preflight.ts'
import type { Environment } from '../core/project.ts'
import type { Plan, PlanAction } from '../core/plan.ts'
import type { Protection } from '../core/protection.ts'
import type { Release } from '../core/release.ts'
import type { PlatformFacts } from './platform.ts'

/** What carries deployments out. */
export interface Pipeline {
  readonly kind: string
  /** How soon a run that goes on is worth another look: right away, and at the slowest. */
  readonly pace: Pace
  /**
   * The part of a plan this pipeline fills in. Changes nothing. Fails with `invalid_configuration` when
   * it could not be started at all: the message says what to change.
   */
  describe(intent: RunIntent): Promise<Plan['pipeline']>
  /**
   * What a start would really do, where that is decided by code of the repository (a workflow). Absent
   * where the configuration alone decides. Changes nothing.
   */
  preflight?(intent: RunIntent): Promise<PreflightReport>
  /**
   * Makes the run of this deployment exist and returns it. Safe to call again: a deployment has at most
   * one run, ever. Fails with `run_not_started` only if no run exists afterwards, and with
   * `run_not_found` when one was accepted and cannot be found, so that it may exist.
   */
  start(request: RunRequest): Promise<Run>
  /** The run of a deployment, or null if it provably never started. */
  find(deployment: RunOf): Promise<Run | null>
  /**
   * Ends the run and everything it started; resolves when it has ended, harmless if it already had.
   * A run that has not started is refused from then on.
   */
  cancel(deployment: RunOf): Promise<Run | null>
  /**
   * Tells the platform's own record of deployments how the run stands, where it keeps one and nothing
   * else does. Called by whoever drives the deployment. What cannot be told keeps nothing from going on.
   */
  report?(deployment: RunOf, run: Run): Promise<void>
  /**
   * The release the pipeline last made current in an environment; null when there is none, and
   * `unknownRelease` when something was put there and the records do not say what runs now.
   */
  current(environment: Environment): Promise<Release | null>
  /**
   * Deployments of the configured environments that were not started here, newest first. Absent where
   * there can be none. Changes nothing.
   */
  observed?(): Promise<ObservedDeployment[]>
  /** Reviews that the pipeline itself waits for. Absent where it never does. */
  reviews?: PipelineReviews
  /** What the platform says of itself and of us, for `gonogo doctor`. Changes nothing. */
  platform?(): Promise<PlatformFacts>
  /**
   * The names that the platform gives to deployments into an environment. Absent where gonogo gives them
   * all. Changes nothing, and never has the value of a secret.
   */
  variables?(environment: Environment): Promise<Holdings>
  /**
   * How the platform protects an environment: `missing` when there is none of the name, null when this
   * identity may not see it. Absent where there is no such thing.
   */
  protection?(environment: Environment): Promise<Protection | 'missing' | null>
  /**
   * The commits of `head` that `base` does not have, with the pull requests that brought them; null when
   * `base` is no commit there. Absent where changes are not reviewed. Ends with the signal.
   */
  changes?(base: string, head: string, signal: AbortSignal): Promise<Changes | null>
  /** How far the platform's clock is ahead of this one, in milliseconds; null when it does not say. */
  clockAhead?(): Promise<number | null>
  /**
   * The lock of an environment that the platform keeps, so that machines with stores of their own exclude
   * each other. Absent where there is none.
   */
  lock?: PlatformLock
  /** Where checkpoints of the audit log are kept on the platform. Absent where they cannot be. */
  anchors?: PlatformAnchors
  /** The end of the run's log: at most `maxBytes` bytes, from `cursor` on when given. */
  log(deployment: RunOf, options?: { cursor?: number; maxBytes?: number }): Promise<RunLog>
}

/** What is to be deployed where, before there is a deployment. */
export interface RunIntent {
  action: PlanAction
  environment: Environment
  release: Release
}

/** What a pipeline needs to know of a deployment to find its run. Its id is the correlation id. */
export type RunOf = Pick<
  Deployment,
  'id' | 'environment' | 'kind' | 'release' | 'run_id' | 'created_at'
>

export interface RunRequest {
  deployment: RunOf
  environment: Environment
  /** The approval this deployment rests on; null where none is needed, and for static tokens. */
  consent: SignedConsent | null
  /** What the plan says of it: what would do something else by now is not started. Absent: no plan was made. */
  planned?: Plan['pipeline']
}

/** What people signed, with the signatures: a pipeline can verify it by itself. */
export interface SignedConsent {
  request: ApprovalRequest
  /** One per person whose consent counts; those that left no signature are not among them. */
  decisions: SignedDecision[]
}

export interface SignedDecision {
  /** Canonical JSON of a `DecisionStatement`: the bytes that were signed. */
  statement: string
  /** In the SSH signature format, armored. */
  signature: string
  /** The name in the signers list. */
  approver: string
}

/** Who has an environment, as the platform knows it. */
export interface PlatformHolder {
  environment: string
  /** The deployment, or the id of the lock that a person took. */
  id: string
  holder: string
  reason: string
  /** Milliseconds since the epoch. */
  since: number
}

export interface PlatformLock {
  /** Null when nobody has it. Fails when it cannot be read. */
  holder(environment: string): Promise<PlatformHolder | null>
  /**
   * Compare-and-swap: null when it is ours now or was before (same id), else who has it. Safe to repeat.
   * Resolves to null as well where the policy says `auto` and this identity may not write: then `problem`
   * tells. `mayReplace`: whether whoever has it hands it over.
   */
  take(
    holder: PlatformHolder,
    mayReplace?: (held: PlatformHolder) => boolean,
  ): Promise<{ held_by: PlatformHolder | null; problem: string | null }>
  /** Frees it if it is of this id. Harmless otherwise. */
  release(environment: string, id: string): Promise<void>
  /** Why it keeps no other machine out, as far as that is known without a try; null when it does. */
  problem(): Promise<string | null>
}

export interface PlatformAnchors {
  /** Keeps the text of a checkpoint (signed note) where this identity cannot quietly replace it. */
  put(checkpoint: string): Promise<{ place: string }[]>
  /** Every checkpoint that can be read back, oldest first, with where it was found. */
  list(): Promise<PlatformCheckpoints>
}

interface PlatformCheckpoints {
  found: { place: string; checkpoint: string }[]
  /** Places that could not be read, or not to their beginning, and why. */
  unread: string[]
}

export interface Run {
  run_id: string
  /**
   * `waiting`: the pipeline itself waits for a person. `lost`: whoever carried it out died without
   * saying how it ended. `refused`: it never started and never will.
   */
  state: 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled' | 'lost' | 'refused'
  /** The step that runs or that failed. */
  step: string | null
  /** Why it ended, or what it waits for, in one sanitised line; null while it runs or when it succeeded. */
  cause: string | null
  /** Where a person finds the whole log. */
  logs_url: string
  /** True once the environment was pointed to the new release, whatever came after. */
  switched: boolean
}

export interface RunLog {
  /** Untrusted text. */
  text: string
  /** Where to go on reading. */
  cursor: number
}

/** Reviews are given by people with credentials of their own, at the desk. */
export interface PipelineReviews {
  /** What the run of a deployment waits for; empty when it waits for nobody. */
  pending(deployment: RunOf): Promise<PendingReview[]>
  /**
   * Approves or rejects with the reviewer's own token. Fails with `not_permitted` when that token
   * belongs to the identity that starts deployments, or to nobody who may review.
   */
  decide(deployment: RunOf, decision: ReviewDecision): Promise<{ reviewer: string }>
  /** Reviews that people gave the run of a deployment, if it ever waited for one; oldest first. */
  given(deployment: RunOf): Promise<GivenReview[]>
}

export interface GivenReview {
  environments: string[]
  verdict: 'approved' | 'rejected'
  /** Null when the platform does not say who. */
  reviewer: string | null
  /** Untrusted text on one line. */
  comment: string
}

export interface PendingReview {
  environment: string
  /** Users and teams who may review. */
  reviewers: string[]
  /** Where a person reviews in a browser. */
  url: string
}

export interface ReviewDecision {
  verdict: 'approved' | 'rejected'
  comment: string
  /** A secret: the reviewer's, never gonogo's own. */
  token: string
}
