import { Failure } from '../../core/failure.ts'
import { heldAs, holderText, mayEnter, queueText, waiterMs, waitersKept } from '../../core/lock.ts'
import type { Plan } from '../../core/plan.ts'
import { principalLabel } from '../../core/principal.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import type { Lock, LockWaiter, Tables } from '../../ports/store.ts'
import { timestamp } from './time.ts'

/** Takes the environment for a deployment, in the transaction that admits it. */
export async function takeLock(
  call: Call,
  tables: Tables,
  plan: Plan,
  deploymentId: string,
): Promise<void> {
  const { environment } = plan
  const holder = principalLabel(call.principal)
  const now = call.runtime.now()
  const reason = plan.reason ?? `${plan.action} ${plan.release.version}`
  const lock: Lock = { environment, deployment_id: deploymentId, holder, reason, since: now }
  await tables.locks.unwait(environment, holder, now - waiterMs)
  if (await tables.locks.take(lock)) return
  const held = await tables.locks.get(environment)
  if (held === null || !mayEnter(plan, holder, held)) throw busy(environment, held)
  await tables.locks.transfer(environment, lock)
  if (held.deployment_id !== null) await shutOut(tables, held.deployment_id)
}

/** Whoever drives the interrupted deployment can no longer write, and nobody claims it again. */
async function shutOut(tables: Tables, id: string): Promise<void> {
  await tables.deployments.fenceOff(id)
  const row = await tables.deployments.get(id)
  if (row) await tables.deployments.update(id, row.fence, { due_at: Number.MAX_SAFE_INTEGER })
}

/** Refuses a plan whose environment somebody else has. Changes nothing. */
export async function refuseWhenBusy(call: Call, plan: Plan): Promise<void> {
  const { lock, waiting } = await lockOf(call, plan.environment)
  const requester = principalLabel(call.principal)
  if (lock === null || mayEnter(plan, requester, lock)) return await refuseWhenElsewhere(call, plan)
  const others = waiting.filter(({ waiter }) => waiter !== requester).length
  throw busy(plan.environment, lock, others)
}

/** The lock that the platform keeps may be held by a machine with a store of its own. */
async function refuseWhenElsewhere(call: Call, plan: Plan): Promise<void> {
  const held = await call.pipeline?.lock?.holder(plan.environment)
  if (!held || mayEnter(plan, principalLabel(call.principal), heldAs(held))) return
  const who = holderText(heldAs(held), timestamp(held.since))
  const { environment } = plan
  throw new Failure({
    code: 'environment_busy',
    message: `${environment} is locked on the platform by ${who}`,
    hint: `if that machine is gone, a person frees it: gonogo lock break ${environment} --confirm ${environment}`,
    retryable: true,
    details: { environment, deployment_id: heldAs(held).deployment_id, holder: held.holder },
  })
}

/** Who has an environment, and who was refused lately because of it, oldest first. */
export async function lockOf(
  call: Pick<Call, 'store' | 'runtime'>,
  environment: string,
): Promise<{ lock: Lock | null; waiting: LockWaiter[] }> {
  const since = call.runtime.now() - waiterMs
  return await call.store.read(async (tables) => {
    const lock = await tables.locks.get(environment)
    const known = lock === null ? [] : await tables.locks.waiters(environment)
    return { lock, waiting: known.filter(({ last_refused_at }) => last_refused_at >= since) }
  })
}

/** Remembers that somebody was refused, so that the queue can be seen. It reserves nothing. */
export async function noteRefused(call: Call, { environment, action, release }: Plan) {
  const now = call.runtime.now()
  const waiter: LockWaiter = {
    environment,
    waiter: principalLabel(call.principal),
    reason: `${action} ${oneLine(release.version, 80)}`,
    first_refused_at: now,
    last_refused_at: now,
  }
  await call.store.write(async ({ locks }) => {
    await locks.unwait(environment, null, now - waiterMs)
    const known = await locks.waiters(environment)
    const isKnown = known.some((one) => one.waiter === waiter.waiter)
    if (isKnown || known.length < waitersKept) await locks.wait(waiter)
  })
}

/** Who has the environment, why, since when, and how to follow them. */
export function busy(environment: string, lock: Lock | null, waiting = 0): Failure {
  const who = lock ? holderText(lock, timestamp(lock.since)) : 'another deployment'
  return new Failure({
    code: 'environment_busy',
    message: `${environment} is locked by ${who}${queueText(waiting)}`,
    hint: lock ? howToGetOn(lock) : 'try again',
    retryable: true,
    details: {
      environment,
      deployment_id: lock?.deployment_id ?? null,
      holder: lock?.holder ?? null,
      reason: lock?.reason ?? null,
      since: timestamp(lock?.since ?? null),
      waiting,
    },
  })
}

/** What helps against a lock. */
export function howToGetOn({ environment, deployment_id }: Lock): string {
  if (deployment_id !== null)
    return `follow it with get_deployment_status ${deployment_id}, then try again`
  return `a person has it: they free it with gonogo lock release ${environment}, then try again`
}
