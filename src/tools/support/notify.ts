import type { Approval, Decision, DecisionStatement } from '../../core/approval.ts'
import { approvalDecided, messageText, type Notice } from '../../core/notification.ts'
import type { NotificationEvent, NotificationTarget } from '../../core/project.ts'
import type { Context } from '../../ports/context.ts'
import type { OutboxMessage, Tables } from '../../ports/store.ts'
import { timestamp } from './time.ts'

/** What it takes to put messages into the outbox. */
export type Sender = Pick<Context, 'project' | 'runtime'>

/**
 * Puts a message for everybody who wants to hear of this into the outbox, in the transaction of what it
 * tells: neither exists without the other. `deliverSoon` sends it, once that is committed.
 */
export async function announce(sender: Sender, tables: Tables, notice: Notice): Promise<void> {
  const { notifications } = sender.project
  const hear = notifications.filter(({ events }) => wants(events, notice.event))
  for (const target of hear) await tables.outbox.insert(outboxMessage(sender, target, notice))
}

/** Tells what somebody decided, in the transaction that keeps it. */
export async function announceDecision(
  sender: Sender,
  tables: Tables,
  { request }: Pick<Approval, 'request'>,
  decision: Decision,
): Promise<void> {
  await announce(sender, tables, approvalDecided(request, decision, reasonIn(decision)))
}

function reasonIn({ statement }: Decision): string | null {
  try {
    const { reason } = JSON.parse(statement) as Partial<DecisionStatement>
    return typeof reason === 'string' ? reason : null
  } catch {
    return null
  }
}

function wants(events: readonly NotificationEvent[], event: Notice['event']): boolean {
  return events.some((each) => each === event)
}

/** A message that was never tried. */
export function outboxMessage(
  { project, runtime }: Sender,
  target: NotificationTarget,
  notice: Notice,
): OutboxMessage {
  const now = runtime.now()
  return {
    id: runtime.id('msg'),
    target: target.name,
    event: notice.event,
    payload: messageText(notice, project.name, timestamp(now)),
    created_at: now,
    due_at: now,
    attempts: 0,
    last_error: null,
    delivered_at: null,
    abandoned_at: null,
  }
}

/**
 * Has somebody send what waits. Never fails and never waits for it: a message that stays behind is sent
 * with the next one, and `gonogo doctor` tells of it.
 */
export async function deliverSoon(
  call: Pick<Context, 'project' | 'store' | 'keepers'>,
): Promise<void> {
  if (call.project.notifications.length === 0) return
  try {
    const waiting = await call.store.read((tables) =>
      tables.outbox.list({ pending: true, limit: 1 }),
    )
    if (waiting.length > 0) await call.keepers.deliver()
  } catch {
    return
  }
}
