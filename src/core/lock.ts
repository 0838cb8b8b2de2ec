import { oneLine } from './text.ts'

/** Who has an environment: a deployment, or a person who took it. */
export interface HeldBy {
  /** Null when a person holds it. */
  deployment_id: string | null
  /** As principals are written: `human:ada`. */
  holder: string
  reason: string
  /** Milliseconds since the epoch. */
  since: number
}

/** How many refused callers are remembered for one environment, and how long after their last try. */
export const waitersKept = 50
export const waiterMs = 30 * 60_000

const personPrefix = 'person:'

/** What a person's lock is called where holders have ids: made of what never changes about it. */
export function personLockId({ holder, since }: Pick<HeldBy, 'holder' | 'since'>): string {
  return `${personPrefix}${holder}:${since}`
}

/** Whether a holder of this id is a person, and not a deployment. */
export function isPersonLock(id: string): boolean {
  return id.startsWith(personPrefix)
}

/** The same person, with a terminal or without: an agent of that name is somebody else. */
export function isSamePerson(one: string, other: string): boolean {
  const person = personIn(one)
  return person !== null && person === personIn(other)
}

function personIn(label: string): string | null {
  return /^(?:human|automation):(.+)$/.exec(label)?.[1] ?? null
}

/** `human:ada (database maintenance, since 2030-01-01T00:00:00Z)`; one line of sanitised text. */
export function holderText(lock: HeldBy, since: string): string {
  const work = lock.deployment_id === null ? '' : `, ${lock.deployment_id}`
  return `${oneLine(lock.holder, 60)} (${oneLine(lock.reason, 80)}${work}, since ${since})`
}

/** How many others were refused, for the end of a sentence; nothing for nobody. */
export function queueText(waiting: number): string {
  if (waiting === 0) return ''
  return `; ${waiting} ${waiting === 1 ? 'waits' : 'wait'} for it`
}

/**
 * Whether a plan may go in although the environment is held: a rollback may interrupt what it names, and
 * goes past a person's lock, since what is broken must be able to go back; people do not lock themselves out.
 */
export function mayEnter(
  { action, preempts }: { action: string; preempts: string | null },
  requester: string,
  lock: HeldBy,
): boolean {
  if (lock.deployment_id !== null) return lock.deployment_id === preempts
  return action === 'rollback' || isSamePerson(lock.holder, requester)
}

/** Who has it on the platform, in the same words. */
export function heldAs({
  id,
  holder,
  reason,
  since,
}: Omit<HeldBy, 'deployment_id'> & { id: string }): HeldBy {
  return { deployment_id: isPersonLock(id) ? null : id, holder, reason, since }
}
