import { heldAs, holderText, isPersonLock, mayEnter } from '../core/lock.ts'
import { toFailure } from '../core/failure.ts'
import type { PlatformHolder } from '../ports/pipeline.ts'
import { timestamp } from '../tools/support/time.ts'
import { patiently } from './patiently.ts'
import { planOf } from './policy.ts'
import type { StepRequest } from './step.ts'

/**
 * Takes the lock that the platform keeps, for this deployment: again after a crash, it is its own already.
 * Says why the deployment may not go on; null when it may.
 */
export async function takePlatformLock(request: StepRequest): Promise<string | null> {
  const { deployment, pipeline } = request
  if (!pipeline.lock) return null
  const plan = planOf(deployment)
  const mayPass = (held: PlatformHolder) => mayEnter(plan, deployment.initiated_by, heldAs(held))
  // What goes past a person's lock leaves it where it is, so that it holds on afterwards.
  const mayReplace = (held: PlatformHolder) => !isPersonLock(held.id) && mayPass(held)
  try {
    const { held_by } = await pipeline.lock.take(holderOf(request), mayReplace)
    if (held_by === null || (isPersonLock(held_by.id) && mayPass(held_by))) return null
    return elsewhere(held_by)
  } catch (error) {
    const failure = toFailure(error)
    if (failure.retryable) throw failure
    return failure.message
  }
}

function holderOf({ call, deployment }: StepRequest): PlatformHolder {
  const { id, environment, initiated_by, created_at } = deployment
  const { action, release } = planOf(deployment)
  const who = `${initiated_by} (${call.runtime.userName()})`
  return {
    environment,
    id,
    holder: who,
    reason: deployment.reason ?? `${action} ${release.version}`,
    since: created_at,
  }
}

function elsewhere(held: PlatformHolder): string {
  const who = holderText(heldAs(held), timestamp(held.since))
  return `${held.environment} is locked on the platform by ${who}: nothing was started`
}

/** Whoever waits for it elsewhere sees who has it; a person can break it, so nothing hangs on this. */
export async function releasePlatformLock({ deployment, pipeline }: StepRequest): Promise<void> {
  const { environment, id } = deployment
  await patiently(deployment, async () => pipeline.lock?.release(environment, id))
}
