import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { runOutbox } from '../../src/cli/commands/keep.ts'
import { runNotificationList, runNotificationTest } from '../../src/cli/commands/notifications.ts'
import type { ExitCode } from '../../src/cli/exit.ts'
import { runCommand, type CommonOptions, type Session } from '../../src/cli/session.ts'
import type { Surface } from '../../src/cli/surface.ts'
import { trial } from '../../src/core/notification.ts'
import type { NotificationTarget } from '../../src/core/project.ts'
import type { Sent } from '../../src/ports/notifier.ts'
import { outboxMessage } from '../../src/tools/support/notify.ts'
import { makeWorld } from '../support/fake-context.ts'
import { fakeProject } from '../support/fake-project.ts'

const target: NotificationTarget = {
  name: 'team',
  kind: 'slack',
  url_env: 'TEAM_URL',
  secret_env: null,
  hosts: ['hooks.slack.com'],
  events: ['approval_requested'],
}

/** Types a command where one target is known. */
async function type(
  command: (session: Session) => Promise<ExitCode>,
  { options = {}, answer = { delivered: true } }: { options?: CommonOptions; answer?: Sent } = {},
) {
  const sent: string[] = []
  const world = makeWorld({
    project: fakeProject({ notifications: [target] }),
    notifier: {
      problem: () => (answer.delivered ? null : 'TEAM_URL is not set'),
      async send({ name }, { event }) {
        sent.push(`${event} to ${name}`)
        return answer
      },
    },
  })
  const lost = outboxMessage(world.call, target, trial('human:ada'))
  await world.call.store.write(({ outbox }) =>
    outbox.insert({
      ...lost,
      id: 'msg_1',
      abandoned_at: 5,
      attempts: 1,
      last_error: 'refused it\u001b[2J',
    }),
  )
  const [out, err] = [new PassThrough(), new PassThrough()]
  const surface = {
    env: {},
    out,
    err,
    input: new PassThrough(),
    connect: async () => world.call,
    deliver: async () => 'nothing_waits',
    interrupted: new AbortController().signal,
  } as unknown as Surface
  const exit = await runCommand({ surface, options, argv: ['notifications'] }, command)
  const lines = await world.call.audit.tail(10)
  return { exit, sent, lines, stdout: String(out.read() ?? ''), stderr: String(err.read() ?? '') }
}

const hopeless: Sent = { delivered: false, problem: 'TEAM_URL is not set', hopeless: true }

it('lists who hears of what, what keeps messages from them, and what became of the newest', async () => {
  const { exit, stdout } = await type(runNotificationList, { answer: hopeless })
  expect(exit).toBe(0)
  expect(stdout).toContain('team  slack  approval_requested')
  expect(stdout).toContain('nothing can be sent: TEAM_URL is not set')
  expect(stdout).toMatch(/msg_1 +team +test +given up +1 .*refused it/)
  expect(stdout).not.toContain('\u001b')
  const json = await type(runNotificationList, { options: { json: true } })
  expect(JSON.parse(json.stdout)).toMatchObject({
    schema_version: 1,
    targets: [{ name: 'team', problem: null }],
    messages: [{ id: 'msg_1', state: 'given up', due_at: null }],
  })
})

it('sends a message for a trial, and writes down who did', async () => {
  const { exit, sent, stdout, lines } = await type((session) =>
    runNotificationTest(session, 'team'),
  )
  expect([exit, sent, stdout]).toEqual([0, ['test to team'], 'team took the message\n'])
  expect(lines.map(({ operation, phase }) => [operation, phase])).toEqual([
    ['notification_test', 'intent'],
    ['notification_test', 'result'],
  ])
})

it('fails when a message is not taken, or nobody has that name', async () => {
  const refused = await type((session) => runNotificationTest(session, 'team'), {
    answer: hopeless,
  })
  expect(refused).toMatchObject({ exit: 1, stdout: 'team was not reached: TEAM_URL is not set\n' })
  const unknown = await type((session) => runNotificationTest(session, 'nobody'))
  expect(unknown).toMatchObject({ exit: 2, sent: [], lines: [] })
  expect(unknown.stderr).toContain('choose one of: team')
})

it('keep --outbox sends what waits, and takes no deployment', async () => {
  const kept = await type((session) => runOutbox(session, undefined))
  expect([kept.exit, kept.stdout]).toEqual([0, 'messages: nothing waits\n'])
  expect((await type((session) => runOutbox(session, 'dep_1'))).exit).toBe(2)
})
