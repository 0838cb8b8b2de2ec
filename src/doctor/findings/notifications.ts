import { oneLine } from '../../core/text.ts'
import type { OutboxMessage } from '../../ports/store.ts'
import { note, ok, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'

/** Given up longer ago than this, and it is history. */
const recentMs = 7 * 24 * 3_600_000
/** Somebody should have tried by now. */
const overdueMs = 5 * 60_000

/** Whether those who should hear of something would, and what they did not hear. */
export async function notificationFindings(patient: Patient): Promise<Finding[]> {
  const found = await patient.records().catch(() => null)
  const messages = found?.seen?.messages ?? []
  const now = patient.call.runtime.now()
  return [...targets(patient), ...givenUp(messages, now), ...overdue(messages, now)]
}

function targets({ call: { project, notifier } }: Patient): Finding[] {
  const { notifications, environments } = project
  if (notifications.length === 0) {
    if (!environments.some(({ approval }) => approval === 'required')) return []
    const message = 'nobody is told when an approval is wanted: approvers have to be asked'
    return [note('notification_target', message, 'add notifications: docs/notifications.md')]
  }
  return notifications.map((target) => {
    const { name, kind, events } = target
    const problem = notifier.problem(target)
    return problem === null
      ? ok('notification_target', `${name} (${kind}) hears of ${events.join(', ')}`)
      : warn(
          'notification_target',
          `${name} (${kind}) hears nothing: ${oneLine(problem, 200)}`,
          `set the variable where gonogo is started, then: gonogo notifications test ${name}`,
        )
  })
}

function givenUp(messages: readonly OutboxMessage[], now: number): Finding[] {
  const lost = messages.filter(({ abandoned_at }) => (abandoned_at ?? 0) > now - recentMs)
  return [...Map.groupBy(lost, ({ target }) => target)].map(([target, all]) => {
    const why = oneLine(all[0]?.last_error ?? 'no reason is known', 200)
    const message = `${all.length} message(s) to ${oneLine(target, 60)} were given up within a week, last: ${why}`
    return warn('notification_message', message, 'gonogo notifications list')
  })
}

function overdue(messages: readonly OutboxMessage[], now: number): Finding[] {
  const waiting = messages.filter(
    ({ delivered_at, abandoned_at, due_at }) =>
      delivered_at === null && abandoned_at === null && due_at < now - overdueMs,
  )
  if (waiting.length === 0) return []
  const message = `${waiting.length} message(s) wait to be sent, and nobody sends them`
  return [warn('notification_message', message, 'gonogo keep --outbox')]
}
