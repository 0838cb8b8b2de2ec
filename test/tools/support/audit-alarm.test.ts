import { mkdirSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../../src/core/audit.ts'
import type { AuditLog } from '../../../src/ports/audit-log.ts'
import { withAlarm, type AlarmDeps } from '../../../src/tools/support/audit-alarm.ts'
import { makeWorld, type World } from '../../support/fake-context.ts'
import { fakeProject } from '../../support/fake-project.ts'

const event: AuditEvent = {
  operation: 'deploy',
  user: 'agent:claude',
  environment: 'staging',
  success: null,
  phase: 'intent',
  details: {},
  request_id: 'req_1',
  correlation_id: null,
  dry_run: false,
  approval: null,
}

const team = {
  name: 'team',
  kind: 'webhook',
  url_env: 'TEAM_URL',
  secret_env: null,
  hosts: ['hooks.test'],
  events: ['audit_unavailable'],
} as const

let world: World
let lines: string[]
let deps: AlarmDeps
let log: AuditLog

beforeEach(() => {
  world = makeWorld({
    project: fakeProject({
      notifications: [{ ...team, hosts: [...team.hosts], events: [...team.events] }],
    }),
  })
  lines = []
  deps = { ...world.call, tell: (line) => void lines.push(line) }
  log = withAlarm(world.call.audit, deps)
})

/** Nothing can be written where a directory is. */
const breakLog = () => mkdirSync(log.path)
const messages = () => world.call.store.read(({ outbox }) => outbox.list({ limit: 10 }))
const refused = { code: 'audit_unavailable' }

describe('a log that cannot be written', () => {
  it('refuses as before, and tells of it on standard error and in a message', async () => {
    breakLog()
    await expect(log.append(event)).rejects.toMatchObject(refused)
    expect(lines).toEqual([expect.stringMatching(/^nothing can be written down/)])
    const [message] = await messages()
    expect(message).toMatchObject({ event: 'audit_unavailable', target: 'team' })
    expect(message?.payload).toContain(log.path)
    expect(world.watched).toEqual(['outbox'])
  })

  it('is told of once, and again after a while', async () => {
    breakLog()
    await expect(log.append(event)).rejects.toMatchObject(refused)
    await expect(log.appendOnce(event, () => false)).rejects.toMatchObject(refused)
    expect([lines.length, (await messages()).length]).toEqual([1, 1])
    world.pass(11 * 60_000)
    await expect(log.append(event)).rejects.toMatchObject(refused)
    expect([lines.length, (await messages()).length]).toEqual([1, 2])
  })

  it('refuses in the same way where the store fails, too, or takes its time', async () => {
    breakLog()
    for (const write of [
      () => Promise.reject(new Error('full')),
      () => new Promise<never>(() => undefined),
    ]) {
      const store = { ...world.call.store, write }
      await expect(
        withAlarm(world.call.audit, { ...deps, store }).append(event),
      ).rejects.toMatchObject(refused)
    }
  })
})

it('a log that works says nothing, and any other failure stays what it is', async () => {
  expect((await log.append(event)).seq).toBe(1)
  const odd = { ...world.call.audit, append: () => Promise.reject(new Error('odd')) }
  await expect(withAlarm(odd, deps).append(event)).rejects.toThrow('odd')
  expect([lines, await messages()]).toEqual([[], []])
})
