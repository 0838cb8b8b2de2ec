import { oneLine } from '../../core/text.ts'
import {
  listNotifications,
  testNotification,
  type Notifications,
} from '../../desk/notifications.ts'
import type { OutboxMessage } from '../../ports/store.ts'
import { timestamp } from '../../tools/support/time.ts'
import { exits, type ExitCode } from '../exit.ts'
import { renderTable } from '../render/table.ts'
import { printJson, type Session } from '../session.ts'

/** Targets with what keeps messages from them, then the newest messages. Addresses are never shown. */
export async function runNotificationList(session: Session): Promise<ExitCode> {
  const found = await listNotifications(session.call)
  printJson(session, {
    targets: found.targets.map(({ target, problem }) => ({ ...target, problem })),
    messages: found.messages.map(messageJson),
  })
  printTargets(session, found)
  printMessages(session, found.messages)
  return exits.done
}

export async function runNotificationTest(session: Session, name: string): Promise<ExitCode> {
  const sent = await testNotification(session.call, name)
  const problem = sent.delivered ? null : oneLine(sent.problem, 300)
  printJson(session, { target: name, delivered: sent.delivered, problem })
  session.print(sent.delivered ? `${name} took the message` : `${name} was not reached: ${problem}`)
  return sent.delivered ? exits.done : exits.failed
}

/** Without its text, which is for whoever it was sent to. */
function messageJson(message: OutboxMessage) {
  const { id, target, event, attempts, last_error } = message
  return {
    id,
    target,
    event,
    state: stateOf(message),
    attempts,
    last_error: last_error && oneLine(last_error, 300),
    created_at: timestamp(message.created_at),
    due_at: stateOf(message) === 'waiting' ? timestamp(message.due_at) : null,
  }
}

function stateOf({ delivered_at, abandoned_at }: OutboxMessage): string {
  if (delivered_at !== null) return 'delivered'
  return abandoned_at === null ? 'waiting' : 'given up'
}

function printTargets(session: Session, { targets }: Notifications): void {
  if (targets.length === 0) session.print('nobody is told: add notifications to gonogo.yaml')
  for (const { target, problem } of targets) {
    session.print(`${target.name}  ${target.kind}  ${target.events.join(', ')}`)
    if (problem !== null) session.print(`  nothing can be sent: ${oneLine(problem, 300)}`)
  }
}

const columns = [
  { name: 'message', whole: true, dispensable: 3 },
  { name: 'to', whole: true },
  { name: 'event', whole: true },
  { name: 'state', whole: true },
  { name: 'tries', whole: true, dispensable: 2 },
  { name: 'made', whole: true, dispensable: 1 },
  { name: 'problem' },
]

function printMessages(session: Session, messages: readonly OutboxMessage[]): void {
  if (messages.length === 0) return
  const page = session.page('out')
  const rows = messages.map((message) => [
    message.id,
    oneLine(message.target, 40),
    oneLine(message.event, 40),
    stateOf(message),
    String(message.attempts),
    page.when(timestamp(message.created_at)),
    oneLine(message.last_error ?? '', 300),
  ])
  session.print('')
  for (const line of renderTable(columns, rows, page)) session.print(line)
}
