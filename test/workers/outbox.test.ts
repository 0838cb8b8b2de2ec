import { beforeEach, describe, expect, it } from 'vitest'
import { lineChanged, tries } from '../../src/core/notification.ts'
import type { NotificationTarget } from '../../src/core/project.ts'
import type { Call } from '../../src/ports/context.ts'
import type { Sent } from '../../src/ports/notifier.ts'
import type { OutboxMessage } from '../../src/ports/store.ts'
import { announce, deliverSoon } from '../../src/tools/support/notify.ts'
import { deliverOutbox } from '../../src/workers/outbox.ts'
import { hour, makeWorld, type World } from '../support/fake-context.ts'
import { fakeProject } from '../support/fake-project.ts'

const target = (name: string, changes: Partial<NotificationTarget> = {}): NotificationTarget => ({
  name,
  kind: 'webhook',
  url_env: 'TEAM_URL',
  secret_env: null,
  hosts: ['hooks.test'],
  events: ['line_stopped'],
  ...changes,
})

const stopped = lineChanged('human:ada', { stopped: true, reason: 'incident' })
const failed: Sent = { delivered: false, problem: 'answered 503', hopeless: false }

let world: World
let call: Call
let sent: string[]
/** What each target answers; one that is missing takes everything. */
let answers: Map<string, () => Sent | Promise<Sent>>

beforeEach(() => {
  sent = []
  answers = new Map()
  const notifications = [
    target('team'),
    target('boss'),
    target('deaf', { events: ['break_glass'] }),
  ]
  world = makeWorld({
    project: fakeProject({ notifications }),
    notifier: {
      problem: () => null,
      async send({ name }, { id }) {
        sent.push(`${id} to ${name}`)
        return await (answers.get(name)?.() ?? { delivered: true })
      },
    },
  })
  call = world.call
})

const put = () => call.store.write((tables) => announce(call, tables, stopped))
const list = () => call.store.read(({ outbox }) => outbox.list({ limit: 50 }))
const of = async (name: string) => (await list()).filter((message) => message.target === name)
const deliver = (by: Call = call) => deliverOutbox(by, () => undefined)

describe('putting messages in', () => {
  it('makes one for everybody who wants to hear of it, due at once', async () => {
    await put()
    expect((await list()).map((message) => message.target).toSorted()).toEqual(['boss', 'team'])
    expect((await list()).every(({ due_at }) => due_at === call.runtime.now())).toBe(true)
  })

  it('starts somebody to send them only while something waits, and never fails', async () => {
    await deliverSoon(call)
    expect(world.watched).toEqual([])
    await put()
    await deliverSoon(call)
    expect(world.watched).toEqual(['outbox'])
    const broken = {
      ...call.keepers,
      deliver: () => Promise.reject(new Error('no processes left')),
    }
    await deliverSoon({ ...call, keepers: broken })
    await deliverSoon({
      ...call,
      store: { ...call.store, read: () => Promise.reject(new Error('busy')) },
    })
  })
})

describe('sending', () => {
  it('sends each message once, and leaves when nothing waits', async () => {
    await put()
    expect(await deliver()).toBe('nothing_waits')
    expect(sent).toHaveLength(2)
    expect(await deliver()).toBe('nothing_waits')
    expect(sent).toHaveLength(2)
    expect(
      (await list()).every(({ delivered_at, attempts }) => delivered_at && attempts === 1),
    ).toBe(true)
  })

  it('tries again what failed, less and less often, and gives it up in the end', async () => {
    answers.set('team', () => failed)
    await put()
    const begun = call.runtime.now()
    expect(await deliver()).toBe('nothing_waits')
    const [message] = await of('team')
    expect(message).toMatchObject({
      attempts: tries,
      last_error: 'answered 503',
      delivered_at: null,
    })
    expect(message!.abandoned_at! - begun).toBeGreaterThan(3 * hour)
    expect(sent.filter((each) => each.endsWith('team'))).toHaveLength(tries)
    expect(new Set(sent)).toHaveProperty('size', 2)
  })

  it('does not wait to try again what is hopeless', async () => {
    answers.set('team', () => ({
      delivered: false,
      problem: 'TEAM_URL is not set',
      hopeless: true,
    }))
    await put()
    await deliver()
    expect(await of('team')).toMatchObject([{ attempts: 1, last_error: 'TEAM_URL is not set' }])
    expect((await of('team'))[0]?.abandoned_at).not.toBeNull()
    expect((await of('boss'))[0]?.delivered_at).not.toBeNull()
  })

  it('gives up a message for a target that the configuration no longer names', async () => {
    await put()
    await deliver({ ...call, project: { ...call.project, notifications: [target('team')] } })
    expect(await of('boss')).toMatchObject([
      { last_error: 'the configuration names no such target', delivered_at: null },
    ])
  })

  it('by several at once sends nothing twice', async () => {
    for (let count = 0; count < 5; count++) await put()
    await Promise.all([deliver(), deliver(), deliver()])
    expect(sent).toHaveLength(10)
    expect(new Set(sent).size).toBe(10)
  })

  it('to one who does not answer keeps nobody else from hearing', async () => {
    const silent = Promise.withResolvers<Sent>()
    answers.set('team', () => (answers.delete('team'), silent.promise))
    answers.set('boss', () => (silent.resolve(failed), { delivered: true }))
    await put()
    await deliver()
    expect((await of('boss'))[0]?.delivered_at).not.toBeNull()
  })

  it('leaves a message to the others only when its process died', async () => {
    await put()
    const crash = new AbortController()
    const dying: Call = {
      ...call,
      signal: crash.signal,
      notifier: {
        ...call.notifier,
        send: async () => {
          crash.abort(new Error('killed'))
          throw new Error('never came back')
        },
      },
    }
    await deliver(dying)
    const claimed = (await list()).filter(({ attempts }) => attempts === 1)
    expect(claimed.length).toBeGreaterThan(0)
    expect(claimed.every(({ due_at }) => due_at > call.runtime.now())).toBe(true)
    await deliver()
    expect((await list()).every(({ delivered_at }) => delivered_at !== null)).toBe(true)
  })

  it('goes on when the store is busy for a while', async () => {
    await put()
    let busy = 3
    const { store: whole } = call
    const store: Call['store'] = {
      ...call.store,
      write: (work) => (busy-- > 0 ? Promise.reject(new Error('busy')) : whole.write(work)),
    }
    expect(await deliver({ ...call, store })).toBe('nothing_waits')
    expect(sent).toHaveLength(2)
  })

  it('misses nothing that comes while it is about to leave', async () => {
    const marks: boolean[] = []
    let came = false
    const late: Call = {
      ...call,
      keepers: {
        ...call.keepers,
        async delivers(isAtIt) {
          marks.push(isAtIt)
          if (isAtIt || came) return
          came = true
          await put()
        },
      },
    }
    expect(await deliver(late)).toBe('nothing_waits')
    expect(sent).toHaveLength(2)
    expect(marks).toEqual([true, false, true, false])
  })
})

it('a message is the same text however often it is sent', async () => {
  const bodies: OutboxMessage[] = []
  let left = 3
  const notifier = {
    ...call.notifier,
    send: async (_: NotificationTarget, message: OutboxMessage): Promise<Sent> => {
      bodies.push(message)
      return left-- > 0 ? failed : { delivered: true }
    },
  }
  const project = { ...call.project, notifications: [target('team')] }
  await call.store.write((tables) => announce({ ...call, project }, tables, stopped))
  await deliver({ ...call, project, notifier })
  expect(new Set(bodies.map(({ id, payload }) => `${id} ${payload}`)).size).toBe(1)
  expect(bodies).toHaveLength(4)
})
