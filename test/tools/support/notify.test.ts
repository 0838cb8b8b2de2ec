import { beforeEach, expect, it } from 'vitest'
import type { Message } from '../../../src/core/notification.ts'
import { notificationEvents, type NotificationTarget } from '../../../src/core/project.ts'
import { rejectRequest } from '../../../src/desk/reject.ts'
import { makeWorld, type World } from '../../support/fake-context.ts'
import { fakeProject } from '../../support/fake-project.ts'
import { approve, promote, rollBack, stage } from './journey.ts'

let world: World

beforeEach(() => {
  const team: NotificationTarget = {
    name: 'team',
    kind: 'webhook',
    url_env: 'TEAM_URL',
    secret_env: null,
    hosts: ['hooks.test'],
    events: [...notificationEvents],
  }
  world = makeWorld({ project: fakeProject({ notifications: [team] }) })
})

/** The messages so far, oldest first. */
async function messages(): Promise<Message[]> {
  const rows = await world.call.store.read(({ outbox }) => outbox.list({ limit: 100 }))
  return rows.toReversed().map(({ payload }) => JSON.parse(payload) as Message)
}

const titles = async () => (await messages()).map(({ data }) => data.title)

it('a release is told of from the first deployment to the end, each step once', async () => {
  await stage(world, 'v1')
  expect(await titles()).toEqual([
    'deploy of v1 to staging has started',
    'deploy of v1 to staging: success',
  ])
  world.watched.length = 0
  const { approval } = await promote(world.call, 'v1')
  expect((await messages()).at(-1)).toMatchObject({
    type: 'approval_requested',
    data: { environment: 'production', command: `gonogo approve ${approval.id}` },
  })
  expect(world.watched).toEqual(['outbox'])
  await promote(world.call, 'v1')
  await approve(world, approval.id)
  const { deployment_id } = await promote(world.call, 'v1', { approval_token: approval.id })
  await world.drive(String(deployment_id))
  expect((await titles()).slice(2)).toEqual([
    'agent:claude asks to promote v1 to production',
    'ada approved: agent:claude wants to promote v1 to production',
    'promotion of v1 to production has started',
    'promotion of v1 to production: success',
  ])
  const told = await messages()
  const stored = await world.call.store.read((tables) => tables.approvals.get(approval.id))
  expect(JSON.stringify(told)).not.toContain(stored!.request.nonce)
})

it('a rejection is told with its reason, a failure with its cause, a rollback by its name', async () => {
  await stage(world, 'v1')
  const { approval } = await promote(world.call, 'v1')
  await rejectRequest(world.as({ kind: 'human', name: 'bob' }), approval.id, 'not on a Friday')
  expect((await messages()).at(-1)?.data.facts).toMatchObject({
    verdict: 'rejected',
    said: 'not on a Friday',
  })
  await stage(world, 'v2')
  world.pipeline.ends = 'failed'
  const { rollback_id } = await rollBack(world.call, { target_version: 'v1' })
  await world.drive(String(rollback_id))
  expect((await messages()).at(-1)).toMatchObject({
    type: 'deployment_ended',
    data: {
      title: 'rollback of staging to v1: failure',
      facts: { cause: 'it exited with 1', step: 'restart', reason: 'errors' },
      command: `gonogo status ${rollback_id}`,
    },
  })
})

it('a dry run and a refusal put no message in', async () => {
  await stage(world, 'v1')
  const before = await titles()
  await promote(world.call, 'v1', { dry_run: true })
  await promote(world.call, 'v2').catch(() => undefined)
  expect(await titles()).toEqual(before)
})

const noProcesses = () => Promise.reject(new Error('no process could be started'))

it('a call is the same when messages cannot be sent, and they wait for the next one', async () => {
  const keepers = { ...world.call.keepers, deliver: noProcesses }
  const call = { ...world.call, keepers }
  await stage(world, 'v1')
  expect((await promote(call, 'v1')).status).toBe('waiting_approval')
  world.watched.length = 0
  await promote(world.call, 'v1')
  expect(world.watched).toEqual(['outbox'])
})
