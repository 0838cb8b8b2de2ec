import type { Release } from './release.ts'

/** `observed`: somebody else started it; gonogo only read about it. */
export type DeploymentKind = 'deploy' | 'promotion' | 'rollback' | 'adoption' | 'observed'

export const deploymentStatuses = [
  'queued',
  'in_progress',
  'success',
  'failure',
  'cancelled',
  'rolling_back',
  'rolled_back',
  'outcome_unknown',
  'waiting_approval',
] as const
export type DeploymentStatus = (typeof deploymentStatuses)[number]

/**
 * Where the work stands. `starting` is the recorded intent: the run may or may not exist yet, and
 * the pipeline is asked before anything is sent. `preempting` ends the deployment this one replaces.
 * In `closing` the outcome is settled and still has to be audited before the environment is freed.
 */
export type DeploymentPhase =
  | 'preempting'
  | 'starting'
  | 'running'
  | 'verifying'
  | 'closing'
  | 'ended'

export type Health = 'healthy' | 'unhealthy' | 'unknown'

/** Why a deployment did not succeed. */
export interface DeploymentFault {
  phase: DeploymentPhase
  /** The pipeline step or smoke test that failed; null when none is to blame. */
  step: string | null
  cause: string
}

/** One attempt to put a release into an environment. Times are milliseconds since the epoch. */
export interface Deployment {
  id: string
  project: string
  environment: string
  kind: DeploymentKind
  status: DeploymentStatus
  phase: DeploymentPhase
  release: Release
  from: Release | null
  git_ref: string
  initiated_by: string
  reason: string | null
  plan_hash: string
  /** Canonical JSON of the plan that was carried out. */
  plan: string
  approval_id: string | null
  preempts: string | null
  run_id: string | null
  /** The platform's id of an observed deployment; null for our own. */
  external_id: string | null
  /** True when it reached a guarded environment without a verified approval. Only ever observed. */
  bypass: boolean
  health_status: Health
  fault: DeploymentFault | null
  /** True once the live system answered as it should: version, health or smoke tests, whatever is configured. */
  verified: boolean
  created_at: number
  completed_at: number | null
  /** When a worker should look next. */
  due_at: number
  lease_owner: string | null
  lease_until: number
  /** Bumped by every claim; a write that carries an old one changes nothing. */
  fence: number
  /** Turns in a row that failed. */
  attempt: number
  /** Why the last turn failed; null after one that did not. */
  last_error: string | null
}

/** What a worker learnt, applied to a row by `advance`. */
export type DeploymentEvent =
  | { type: 'preempted' }
  | { type: 'run_started'; run_id: string }
  | { type: 'not_started'; cause: string }
  | { type: 'run_not_found'; cause: string }
  | { type: 'run_waiting' }
  | { type: 'run_resumed' }
  | { type: 'run_succeeded' }
  | { type: 'run_failed'; step: string | null; cause: string }
  | { type: 'run_cancelled'; cause: string }
  | { type: 'run_lost'; cause: string }
  | { type: 'verified'; health: Health; live: boolean }
  | { type: 'closed' }
  | { type: 'verification_failed'; step: string | null; cause: string; health: Health }

export type DeploymentPatch = Partial<
  Pick<
    Deployment,
    | 'status'
    | 'phase'
    | 'run_id'
    | 'health_status'
    | 'fault'
    | 'verified'
    | 'completed_at'
    | 'due_at'
    | 'attempt'
    | 'last_error'
    | 'lease_owner'
    | 'lease_until'
  >
>

const underWay: ReadonlySet<DeploymentStatus> = new Set([
  'queued',
  'in_progress',
  'rolling_back',
  'waiting_approval',
])

export function isUnderWay(deployment: Pick<Deployment, 'status'>): boolean {
  return underWay.has(deployment.status)
}

/** The state machine: what an event makes of a deployment. An event in a phase that cannot have it throws. */
export function advance(
  deployment: Deployment,
  event: DeploymentEvent,
  now: number,
): DeploymentPatch {
  requirePhase(deployment, event)
  const active: DeploymentStatus = deployment.kind === 'rollback' ? 'rolling_back' : 'in_progress'
  switch (event.type) {
    case 'preempted':
      return { phase: 'starting', due_at: now }
    case 'run_started':
      return { phase: 'running', status: active, run_id: event.run_id, due_at: now }
    case 'run_waiting':
      return { status: 'waiting_approval', due_at: now }
    case 'run_resumed':
      return { status: active, due_at: now }
    case 'run_succeeded':
      return { phase: 'verifying', status: active, due_at: now }
    case 'verified':
      return { ...settled('success', now), health_status: event.health, verified: event.live }
    case 'closed':
      return { phase: 'ended', lease_owner: null, lease_until: 0 }
    case 'verification_failed':
      return {
        ...settled('failure', now),
        health_status: event.health,
        fault: { phase: 'verifying', step: event.step, cause: event.cause },
      }
    case 'run_cancelled':
      return { ...settled('cancelled', now), fault: fault(deployment, null, event.cause) }
    case 'run_lost':
      return { ...settled('outcome_unknown', now), fault: fault(deployment, null, event.cause) }
    case 'not_started':
      return { ...settled('failure', now), fault: fault(deployment, null, event.cause) }
    case 'run_not_found':
      return { ...settled('failure', now), fault: fault(deployment, runNotFound, event.cause) }
    case 'run_failed':
      return { ...settled('failure', now), fault: fault(deployment, event.step, event.cause) }
  }
}

const phasesOf: Record<DeploymentEvent['type'], readonly DeploymentPhase[]> = {
  preempted: ['preempting'],
  run_started: ['starting'],
  not_started: ['starting'],
  run_not_found: ['starting'],
  run_waiting: ['running'],
  run_resumed: ['running'],
  run_succeeded: ['running'],
  run_failed: ['running', 'starting'],
  run_cancelled: ['starting', 'running', 'verifying'],
  run_lost: ['starting', 'running', 'preempting'],
  verified: ['verifying'],
  verification_failed: ['verifying'],
  closed: ['closing'],
}

function requirePhase(deployment: Deployment, event: DeploymentEvent): void {
  if (phasesOf[event.type].includes(deployment.phase)) return
  throw new Error(
    `deployment ${deployment.id} in phase ${deployment.phase} cannot take ${event.type}`,
  )
}

function settled(status: DeploymentStatus, now: number): DeploymentPatch {
  return { status, phase: 'closing', completed_at: now, due_at: now }
}

function fault(deployment: Deployment, step: string | null, cause: string): DeploymentFault {
  return { phase: deployment.phase, step, cause }
}

/** The step named by a fault whose run was accepted and never seen. */
const runNotFound = 'run_not_found'

/**
 * True when it ended without anything having been started: then its approval was not used. A run that
 * was accepted and not found may still turn up, so its approval stays used.
 */
export function neverStarted(deployment: Pick<Deployment, 'run_id' | 'status' | 'fault'>): boolean {
  const { run_id, status, fault: why } = deployment
  return run_id === null && status === 'failure' && why?.step !== runNotFound
}

/** Median minutes of earlier successes, rounded up to one decimal; null without history. */
export function estimateMinutes(durationsMs: readonly number[]): number | null {
  const median = medianDuration(durationsMs)
  return median === null ? null : Math.ceil((median / 60_000) * 10) / 10
}

/** Median of how long earlier successes took; null without history. */
export function medianDuration(durationsMs: readonly number[]): number | null {
  if (durationsMs.length === 0) return null
  const sorted = durationsMs.toSorted((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
