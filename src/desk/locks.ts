import { isUnderWay, type Deployment } from '../core/deployment.ts'
import { Failure, toFailure } from '../core/failure.ts'
import { holderText, isSamePerson, personLockId } from '../core/lock.ts'
import { principalLabel } from '../core/principal.ts'
import { oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import type { PlatformHolder } from '../ports/pipeline.ts'
import type { Lock, LockWaiter, PersonsLock } from '../ports/store.ts'
import { environmentNamed } from '../tools/support/environments.ts'
import { busy, lockOf } from '../tools/support/lock.ts'
import { timestamp } from '../tools/support/time.ts'
import { audited } from './audited.ts'

/** Who has an environment here and on the platform, and who would like to. */
export interface LockStatus {
  environment: string
  lock: Lock | null
  /** Null when nobody has it there, and where there is no such lock. */
  platform: PlatformHolder | null
  /** Why the platform did not say. */
  platform_problem: string | null
  /** Refused lately, oldest first. It is no reservation. */
  waiting: LockWaiter[]
}

/** Where the locks of these environments stand. Changes nothing. */
export async function lockStatuses(call: Call, names: readonly string[]): Promise<LockStatus[]> {
  const statuses: LockStatus[] = []
  for (const name of names) {
    const { name: environment } = environmentNamed(call.project, name)
    const { lock, waiting } = await lockOf(call, environment)
    const { platform, platform_problem } = await onPlatform(call, environment)
    statuses.push({ environment, lock, platform, platform_problem, waiting })
  }
  return statuses
}

async function onPlatform(call: Call, environment: string) {
  try {
    const platform = (await call.pipeline?.lock?.holder(environment)) ?? null
    return { platform, platform_problem: null }
  } catch (error) {
    return { platform: null, platform_problem: oneLine(toFailure(error).message, 200) }
  }
}

export interface LockTaken {
  lock: Lock
  /** What the platform's lock could not do; null when nothing is missing. */
  problem: string | null
}

/** Keeps everybody else's deployments out until it is released. Rollbacks go past it. */
export async function takeEnvironment(call: Call, name: string, why: string): Promise<LockTaken> {
  const { name: environment } = environmentNamed(call.project, name)
  const lock: Lock = {
    environment,
    deployment_id: null,
    holder: principalLabel(call.principal),
    reason: oneLine(why, 200),
    since: call.runtime.now(),
  }
  const details = { reason: lock.reason }
  return await audited(call, act('lock_take', environment, details), async () => {
    const taken = await call.store.write(async ({ locks }) => {
      if (await locks.take(lock)) return null
      return (await locks.get(environment)) ?? lock
    })
    if (taken) throw isOwn(taken, lock) ? yoursAlready(taken) : busy(environment, taken)
    return { lock, problem: await takeOnPlatform(call, lock) }
  })
}

function isOwn(taken: Lock, { holder }: Lock): boolean {
  return taken.deployment_id === null && isSamePerson(taken.holder, holder)
}

function yoursAlready({ environment, reason, since }: Lock): Failure {
  return new Failure({
    code: 'environment_busy',
    message: `you have ${environment} already (${oneLine(reason, 80)}, since ${timestamp(since)})`,
    hint: `to say another reason, first run gonogo lock release ${environment}`,
    details: { environment, reason },
  })
}

async function takeOnPlatform(call: Call, lock: Lock): Promise<string | null> {
  const { environment, holder, reason, since } = lock
  const id = personLockId(lock)
  const undo = () => call.store.write(({ locks }) => locks.remove(lock))
  const taken = await call.pipeline?.lock
    ?.take({ environment, id, holder, reason, since })
    .catch(async (error: unknown) => {
      await undo()
      throw error
    })
  if (!taken?.held_by) return taken?.problem ?? null
  await undo()
  throw busyElsewhere(environment, taken.held_by)
}

function busyElsewhere(environment: string, held: PlatformHolder): Failure {
  const who = `${oneLine(held.holder, 60)} (${oneLine(held.reason, 80)}, since ${timestamp(held.since)})`
  return new Failure({
    code: 'environment_busy',
    message: `${environment} is locked on the platform by ${who}`,
    hint: `look with gonogo lock status ${environment}`,
    retryable: true,
    details: { environment, holder: held.holder },
  })
}

/** Gives back what the same person took. */
export async function releaseEnvironment(call: Call, name: string): Promise<PersonsLock> {
  const { name: environment } = environmentNamed(call.project, name)
  const { lock } = await lockOf(call, environment)
  const own = personsLock(lock)
  if (own === null) throw notHeld(environment, lock)
  if (!isSamePerson(own.holder, principalLabel(call.principal))) throw notYours(environment, own)
  const { holder, reason, since } = own
  const held = { holder, reason, since: timestamp(since) }
  return await audited(call, act('lock_release', environment, held), async () => {
    const lockNow: Lock = { environment, deployment_id: null, ...own }
    if (!(await call.store.write(({ locks }) => locks.remove(lockNow)))) throw changed(environment)
    await call.pipeline?.lock?.release(environment, personLockId(own))
    return own
  })
}

/** A person's lock, also while a rollback has borrowed it. */
function personsLock(lock: Lock | null): PersonsLock | null {
  if (lock === null) return null
  if (lock.deployment_id !== null) return lock.lent_by ?? null
  const { holder, reason, since } = lock
  return { holder, reason, since }
}

/** What is about to be broken, and what goes on all the same. */
export interface BreakReview {
  environment: string
  lock: Lock | null
  platform: PlatformHolder | null
  /** What a person has to know first. */
  warnings: string[]
}

/** Looks at what breaking would do. Changes nothing. */
export async function reviewBreak(call: Call, name: string): Promise<BreakReview> {
  const [status] = await lockStatuses(call, [name])
  const { environment, lock, platform } = status!
  if (lock === null && platform === null) throw notHeld(environment, null)
  const deployment = await deploymentOf(call, lock)
  const warnings = [
    ...(lock === null ? [] : await localWarnings(call, lock, deployment)),
    ...(platform && platform.id !== lock?.deployment_id ? [platformWarning(platform)] : []),
  ]
  return { environment, lock, platform, warnings }
}

async function deploymentOf(call: Call, lock: Lock | null): Promise<Deployment | null> {
  const id = lock?.deployment_id ?? null
  return id === null ? null : await call.store.read((tables) => tables.deployments.get(id))
}

async function localWarnings(
  call: Call,
  lock: Lock,
  deployment: Deployment | null,
): Promise<string[]> {
  const who = holderText(lock, timestamp(lock.since))
  if (lock.deployment_id === null) return [`this takes the lock away from ${who}`]
  const broken = `this breaks the lock of ${who}`
  if (!deployment || !isUnderWay(deployment)) return [broken, 'that deployment is over']
  const { lease_owner: owner, lease_until } = deployment
  const watched =
    owner !== null && lease_until > call.runtime.now() && (await call.keepers.mayLive(owner))
  const goesOn = watched
    ? `${lock.deployment_id} is under way, and ${owner} drives it: it GOES ON, and another deployment can go in beside it`
    : `${lock.deployment_id} is under way and nobody drives it now: what it started may go on, and the next look drives it again`
  return [broken, goesOn, `gonogo rollback ${lock.environment} ends it instead`]
}

function platformWarning({ holder, reason, since, id }: PlatformHolder): string {
  const what = `${oneLine(reason, 80)}, ${oneLine(id, 80)}, since ${timestamp(since)}`
  return `this breaks the lock on the platform of ${oneLine(holder, 60)} (${what}): it may be another machine's, at work`
}

/** Frees an environment of exactly the locks that were shown. What held them is not stopped. */
export async function breakLock(call: Call, review: BreakReview): Promise<BreakReview> {
  const { environment, lock, platform } = review
  const details = {
    holder: lock?.holder ?? null,
    reason: lock?.reason ?? null,
    deployment_id: lock?.deployment_id ?? null,
    since: timestamp(lock?.since ?? null),
    platform_holder: platform?.holder ?? null,
    platform_id: platform?.id ?? null,
  }
  return await audited(call, act('lock_break', environment, details), async () => {
    if (lock && !(await call.store.write(({ locks }) => locks.remove(lock))))
      throw changed(environment)
    if (platform) await call.pipeline?.lock?.release(environment, platform.id)
    return review
  })
}

function act(operation: string, environment: string, details: Record<string, string | null>) {
  return { operation, environment, details, correlation_id: null }
}

function notHeld(environment: string, lock: Lock | null): Failure {
  const held = lock ? `${environment} is held by ${lock.deployment_id}, not by a person` : null
  return new Failure({
    code: 'invalid_input',
    message: held ?? `nobody holds ${environment}`,
    hint: lock
      ? `it is freed when ${lock.deployment_id} ends; gonogo lock break ${environment} frees it now`
      : `look with gonogo lock status ${environment}`,
    details: { environment },
  })
}

function notYours(environment: string, { holder, reason }: PersonsLock): Failure {
  return new Failure({
    code: 'not_permitted',
    message: `${environment} is locked by ${oneLine(holder, 60)} (${oneLine(reason, 80)}), not by you`,
    hint: `ask them, or take it away with gonogo lock break ${environment}`,
  })
}

function changed(environment: string): Failure {
  return new Failure({
    code: 'environment_busy',
    message: `the lock of ${environment} changed while it was looked at`,
    hint: `look again with gonogo lock status ${environment}`,
    retryable: true,
  })
}
