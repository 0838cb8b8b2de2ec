import { toFailure } from '../core/failure.ts'
import { pauseAfter, tries } from '../core/notification.ts'
import { oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import type { Sent } from '../ports/notifier.ts'
import type { OutboxMessage } from '../ports/store.ts'

/** How the sending came to an end. */
export type Delivered = 'nothing_waits' | 'gave_up' | 'interrupted'

/** Longer than one message can take: only a process that died leaves its message to the others. */
const claimMs = 60_000
/** How soon something new is noticed. */
const idleMs = 1_000
/** A message that waits longer than this is left to the next process. */
const patienceMs = 2 * 3_600_000
/** Looks in a row that may fail. */
const storePatience = 30

/** So many at once, so that one target that does not answer keeps nobody else from hearing. */
const lanes = 8

type Log = (line: string) => void

/**
 * Sends what waits until nothing does. Any number of processes may do so at once: each message is claimed
 * by one of them at a time.
 */
export async function deliverOutbox(call: Call, log: Log): Promise<Delivered> {
  const underWay = new Set<Promise<void>>()
  let failures = 0
  await call.keepers.delivers(true).catch(() => undefined)
  while (!call.signal.aborted && failures < storePatience) {
    try {
      const { due, expected } = await look(call)
      if (due && underWay.size < lanes && (await sendNext(call, underWay, log))) continue
      if (!expected && !(await stays(call))) return 'nothing_waits'
      failures = 0
    } catch (error) {
      // A store that is busy for a while costs time, never a message.
      failures++
      log(toFailure(error).message)
    }
    await pause(call)
  }
  await Promise.all(underWay)
  await call.keepers.delivers(false).catch(() => undefined)
  return call.signal.aborted ? 'interrupted' : 'gave_up'
}

/** Claims one due message and has it sent; false when none is due. */
async function sendNext(call: Call, underWay: Set<Promise<void>>, log: Log): Promise<boolean> {
  const message = await claim(call)
  if (message === null) return false
  call.runtime.reached('outbox.claimed')
  const work: Promise<void> = deliver(call, message, log)
    // It stays claimed for a while, and is tried again then.
    .catch((error: unknown) => log(`${message.id}: ${toFailure(error).message}`))
    .finally(() => underWay.delete(work))
  underWay.add(work)
  return true
}

async function claim({ store, runtime }: Call): Promise<OutboxMessage | null> {
  const now = runtime.now()
  return await store.write(async ({ outbox }) => {
    const message = await outbox.claim(now, now + claimMs)
    // Counted before it is sent, so that one that ends its process is not tried for ever.
    if (message) await outbox.update(message.id, { attempts: message.attempts + 1 })
    return message && { ...message, attempts: message.attempts + 1 }
  })
}

/**
 * Whether something is due, and whether something will be soon. Looking takes no lock: nobody else is held
 * up while nothing is due.
 */
async function look({ store, runtime }: Call): Promise<{ due: boolean; expected: boolean }> {
  const waiting = await store.read(({ outbox }) => outbox.list({ pending: true, limit: 1000 }))
  const now = runtime.now()
  const until = (end: number) => waiting.some(({ due_at }) => due_at <= end)
  return { due: until(now), expected: until(now + patienceMs) }
}

async function deliver(call: Call, message: OutboxMessage, log: Log): Promise<void> {
  const sent = await send(call, message)
  call.runtime.reached('outbox.sent')
  const change = changeAfter(sent, message.attempts, call.runtime.now())
  await call.store.write(({ outbox }) => outbox.update(message.id, change))
  log(told(message, change))
}

async function send(call: Call, message: OutboxMessage): Promise<Sent> {
  const target = call.project.notifications.find(({ name }) => name === message.target)
  if (target === undefined)
    return { delivered: false, hopeless: true, problem: 'the configuration names no such target' }
  if (message.attempts > tries)
    return { delivered: false, hopeless: true, problem: 'it was tried too often' }
  return await call.notifier.send(target, message)
}

type Change = Partial<OutboxMessage>

function changeAfter(sent: Sent, attempts: number, now: number): Change {
  if (sent.delivered) return { delivered_at: now, last_error: null }
  const last_error = oneLine(sent.problem, 300)
  const wait = sent.hopeless ? null : pauseAfter(attempts)
  return wait === null ? { last_error, abandoned_at: now } : { last_error, due_at: now + wait }
}

function told({ id, event, target }: OutboxMessage, change: Change): string {
  const what = `${id} (${event}) to ${target}`
  if (change.delivered_at) return `${what}: delivered`
  return `${what}: ${change.abandoned_at ? 'given up' : 'failed'}: ${change.last_error}`
}

/**
 * Whoever puts a message in starts no process while this one says that it delivers. So it says that it does
 * not, and looks once more: what came in between is found by one of the two.
 */
async function stays(call: Call): Promise<boolean> {
  await call.keepers.delivers(false)
  call.runtime.reached('outbox.left')
  if (!(await look(call)).expected) return false
  await call.keepers.delivers(true)
  return true
}

async function pause(call: Call): Promise<void> {
  await call.runtime.sleep(idleMs, call.signal).catch(() => undefined)
}
