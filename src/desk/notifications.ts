import { Failure } from '../core/failure.ts'
import { trial } from '../core/notification.ts'
import { principalLabel } from '../core/principal.ts'
import type { NotificationTarget } from '../core/project.ts'
import { oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import type { Sent } from '../ports/notifier.ts'
import type { OutboxMessage } from '../ports/store.ts'
import { outboxMessage } from '../tools/support/notify.ts'
import { audited } from './audited.ts'

/** Who hears of what, and what became of the newest messages. */
export interface Notifications {
  targets: { target: NotificationTarget; problem: string | null }[]
  /** Newest first. */
  messages: OutboxMessage[]
}

const shownMessages = 20

export async function listNotifications(call: Call): Promise<Notifications> {
  const { notifications } = call.project
  const messages = await call.store.read(({ outbox }) => outbox.list({ limit: shownMessages }))
  const targets = notifications.map((target) => ({
    target,
    problem: call.notifier.problem(target),
  }))
  return { targets, messages }
}

/** Sends a message that says no more than that it is one, now and once. */
export async function testNotification(call: Call, name: string): Promise<Sent> {
  const target = call.project.notifications.find((each) => each.name === name)
  if (target === undefined) throw unknown(call, name)
  const message = outboxMessage(call, target, trial(principalLabel(call.principal)))
  const act = {
    operation: 'notification_test',
    environment: null,
    details: { target: name },
    correlation_id: message.id,
  }
  return await audited(
    call,
    act,
    () => call.notifier.send(target, message),
    (sent) => ({ delivered: sent.delivered }),
  )
}

function unknown({ project }: Call, name: string): Failure {
  const names = project.notifications.map((target) => target.name).join(', ')
  return new Failure({
    code: 'invalid_input',
    message: `name: ${JSON.stringify(oneLine(name, 64))} is no target of notifications`,
    hint:
      names === ''
        ? 'add notifications to gonogo.yaml (docs/notifications.md)'
        : `choose one of: ${names}`,
  })
}
