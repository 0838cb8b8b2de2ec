import {
  advance,
  type Deployment,
  type DeploymentEvent,
  type DeploymentPhase,
} from '../core/deployment.ts'
import { toFailure, type Failure } from '../core/failure.ts'
import { oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import { deliverSoon } from '../tools/support/notify.ts'
import { close } from './close.ts'
import { followRun } from './follow-run.ts'
import { withLease, type Lease } from './lease.ts'
import { preempt } from './preempt.ts'
import { startRun } from './start-run.ts'
import type { Step, StepCheck, StepOutcome, StepRequest } from './step.ts'
import { verifyRelease } from './verify-release.ts'

const steps: Record<Exclude<DeploymentPhase, 'ended'>, Step> = {
  preempting: preempt,
  starting: startRun,
  running: followRun,
  verifying: verifyRelease,
  closing: close,
}

const longestBackoffMs = 30_000
/** About four minutes of trying. */
const verificationAttempts = 12

/** What one turn did; null when nothing was due or somebody else has the lease. */
export interface Turn {
  deployment: Deployment
  /** Why the turn failed; it will be tried again. */
  problem: string | null
}

/** Claims one due deployment and moves it one step. Safe to call from any number of processes. */
export async function driveOnce(call: Call, lease: Lease, id?: string): Promise<Turn | null> {
  const now = call.runtime.now()
  const until = now + lease.ms
  const claim = { owner: lease.owner, now, until, ...(id !== undefined && { id }) }
  const deployment = await call.store.write((tables) => tables.deployments.claim(claim))
  if (!deployment) return null
  call.runtime.reached(`drive.claimed-${deployment.phase}`)
  try {
    const outcome = await withLease(call, lease, deployment, (signal) =>
      stepOf(call, deployment, signal),
    )
    await apply(call, deployment, outcome)
    return { deployment, problem: null }
  } catch (error) {
    return { deployment, problem: await postpone(call, deployment, error) }
  }
}

async function stepOf(
  call: Call,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<StepOutcome> {
  if (!call.pipeline) throw new Error('its pipeline is no longer configured')
  if (deployment.phase === 'ended') throw new Error(`${deployment.id} has ended`)
  const request: StepRequest = { call, deployment, pipeline: call.pipeline, signal }
  return await steps[deployment.phase](request)
}

async function apply(call: Call, deployment: Deployment, outcome: StepOutcome): Promise<void> {
  const now = call.runtime.now()
  const patch =
    'event' in outcome
      ? { ...advance(deployment, outcome.event, now), attempt: 0, last_error: null }
      : { due_at: now + outcome.lookAgainInMs, attempt: 0, last_error: null }
  const checks = 'event' in outcome ? (outcome.checks ?? []) : []
  const kept = await call.store.write(async (tables) => {
    // A stale fence means that somebody took over: then nothing of this turn may be kept.
    if (!(await tables.deployments.update(deployment.id, deployment.fence, patch))) return false
    for (const check of checks) await tables.evidence.insert(evidenceOf(call, deployment, check))
    if ('event' in outcome) await outcome.also?.(tables)
    return true
  })
  if (!kept || !('event' in outcome)) return
  call.runtime.reached(`drive.applied-${outcome.event.type}`)
  await deliverSoon(call)
  // The environment is free by now. What cannot be sealed keeps no deployment from having ended.
  if (outcome.event.type === 'closed') await call.audit.checkpoint().catch(() => null)
}

function evidenceOf(
  call: Call,
  deployment: Deployment,
  { check, environment, subject }: StepCheck,
) {
  return {
    id: call.runtime.id('ev'),
    check,
    sha: deployment.release.sha,
    environment,
    subject,
    deployment_id: deployment.id,
    recorded_at: call.runtime.now(),
  }
}

/**
 * Backs off and says why. The deployment stays where it was, so nothing is forgotten; only a
 * verification that never comes to a result is one, since it would lock the environment for ever.
 */
async function postpone(call: Call, deployment: Deployment, error: unknown): Promise<string> {
  const failure = toFailure(error)
  const problem = oneLine(failure.message, 300)
  const attempt = deployment.attempt + 1
  const now = call.runtime.now()
  const backoff = now + Math.min(longestBackoffMs, 500 * 2 ** attempt)
  const again = { attempt, due_at: Math.max(backoff, notBefore(failure, now)) }
  const hopeless = deployment.phase === 'verifying' && attempt >= verificationAttempts
  const patch = hopeless ? advance(deployment, unverifiable(problem), now) : again
  const { id, fence } = deployment
  await call.store.write((tables) =>
    tables.deployments.update(id, fence, { ...patch, last_error: problem }),
  )
  return problem
}

/** Somebody who limits how often they are asked says when to come back; at most an hour is believed. */
function notBefore({ details }: Failure, now: number): number {
  const { retry_at } = details
  return typeof retry_at === 'number' ? Math.min(retry_at, now + 3_600_000) : now
}

function unverifiable(cause: string): DeploymentEvent {
  return { type: 'verification_failed', step: null, cause, health: 'unknown' }
}
