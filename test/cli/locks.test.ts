import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { runCli } from '../../src/cli/program.ts'
import type { Surface } from '../../src/cli/surface.ts'
import type { FreezeWindow } from '../../src/core/freeze.ts'
import type { Call } from '../../src/ports/context.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { fakeProject } from '../support/fake-project.ts'
import { approve, promote } from '../tools/support/journey.ts'
import { validateDeployment } from '../../src/tools/validate-deployment.ts'

/** Types a command without a terminal; resolves to its exit code and what it printed. */
async function type({ call }: { call: Call }, ...argv: string[]) {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const surface: Surface = {
    version: '0.0.0',
    env: {},
    input: new PassThrough() as unknown as Surface['input'],
    out: out as unknown as Surface['out'],
    err: err as unknown as Surface['err'],
    interrupted: new AbortController().signal,
    // The store is the test's own.
    connect: async () => ({ ...call, store: { ...call.store, close: async () => undefined } }),
  } as unknown as Surface
  const exit = await runCli(argv, surface)
  const [printed, told] = [out, err].map((stream) => String(stream.read() ?? ''))
  return { exit, out: printed!, err: told!, json: () => JSON.parse(printed!) as Json }
}

type Json = Record<string, unknown>

const user = (world: World) => world.call.runtime.userName()

it('takes, shows, breaks and releases locks', async () => {
  const world = makeWorld()
  const take = ['lock', 'take', 'production', '--reason', 'moving\u001b[2J the database']
  expect((await type(world, ...take)).exit).toBe(0)
  expect(await type(world, ...take)).toMatchObject({
    exit: 6,
    err: expect.stringContaining('error (environment_busy): you have production already (moving'),
  })
  const shown = await type(world, 'lock', 'status')
  expect(shown.out).toContain('staging  free\n')
  expect(shown.out).toContain(
    `production  held by automation:${user(world)}, just now: moving the database\n`,
  )
  const status = await type(world, 'lock', 'status', 'production', '--json')
  expect(status.json()).toMatchObject({
    schema_version: 1,
    locks: [{ environment: 'production', held: true, waiting: [], platform: null }],
  })
  const asked = await type(world, 'lock', 'break', 'production')
  expect(asked).toMatchObject({ exit: 2, err: expect.stringContaining('this takes the lock away') })
  expect(asked.err).toContain('gonogo lock break production --confirm production')
  expect((await type(world, 'lock', 'break', 'production', '--confirm', 'staging')).exit).toBe(3)
  const broken = await type(world, 'lock', 'break', 'production', '--confirm', 'production')
  expect(broken).toMatchObject({ exit: 0, out: 'production is free\n' })
  await type(world, ...take)
  expect(await type(world, 'lock', 'release', 'production')).toMatchObject({ exit: 0 })
  expect((await type(world, 'lock', 'status', 'nowhere')).exit).toBe(2)
})

it('stops the line, says so by its exit code, and lets it go on by a signature', async () => {
  const world = makeWorld()
  expect(await type(world, 'stop-the-line')).toMatchObject({ exit: 2 })
  const both = await type(world, 'stop-the-line', '--status', '--reason', 'orders are lost')
  expect(both).toMatchObject({ exit: 2, err: expect.stringContaining('does not go with --reason') })
  expect(await type(world, 'stop-the-line', '--status')).toMatchObject({
    exit: 0,
    out: 'running: nobody ever stopped it\n',
  })
  expect((await type(world, 'stop-the-line', '--reason', 'orders are lost')).exit).toBe(0)
  const stopped = await type(world, 'stop-the-line', '--status', '--json')
  expect(stopped.exit).toBe(6)
  expect(stopped.json()).toMatchObject({ stopped: true, stops: [{ reason: 'orders are lost' }] })
  const lift = ['stop-the-line', '--lift', '--key', 'ada']
  expect(await type(world, ...lift)).toMatchObject({
    exit: 2,
    err: expect.stringContaining('--confirm clinic'),
  })
  expect(await type(world, ...lift, '--confirm', 'shop')).toMatchObject({
    exit: 3,
    err: expect.stringContaining('was declined: "shop" is not "clinic"; nothing was changed'),
  })
  const lifted = await type(world, ...lift, '--confirm', 'clinic')
  expect(lifted).toMatchObject({ exit: 0, out: 'lifted as ada: promotions go on\n' })
  expect(lifted.err).toContain(`! stopped by automation:${user(world)}, just now: orders are lost`)
  expect((await type(world, 'stop-the-line', '--status')).out).toBe(
    'running: ada lifted it just now\n',
  )
})

it('explains freezes', async () => {
  const holidays: FreezeWindow = {
    name: 'holidays',
    environments: [],
    time_zone: 'Europe/Berlin',
    kind: 'holidays',
    file: '/srv/days.txt',
    holidays: [{ name: 'New Year', from: '2030-01-01', to: '2030-01-01' }],
  }
  const world = makeWorld({ project: fakeProject({ freeze: [holidays] }) })
  const { out } = await type(world, 'freeze', 'status')
  expect(out).toContain('staging  not frozen\n')
  expect(out).toContain('production  frozen, until 2030-01-01T23:00:00.000Z\n')
  expect(out).toContain('--override-freeze --reason TEXT asks an approver')
  const explained = await type(world, 'freeze', 'explain', '2030-01-02', '--json')
  expect(explained.json()).toMatchObject({
    environment: 'production',
    moments: [{ frozen: false }],
  })
  expect((await type(world, 'freeze', 'explain', 'soon')).exit).toBe(2)
})

it('lists whose review is owed, and has it signed', async () => {
  const world = makeWorld()
  expect(await type(world, 'break-glass', 'list')).toMatchObject({ exit: 0 })
  await validateDeployment.call({ environment: 'production', git_ref: 'v1' }, world.call)
  const emergency = { break_glass: true, reason: 'login is down' }
  const { approval } = await promote(world.call, 'v1', emergency)
  await approve(world, approval.id)
  const token = { approval_token: approval.id }
  const { deployment_id } = await promote(world.call, 'v1', { ...emergency, ...token })
  const id = String(deployment_id)
  await world.drive(id)
  const listed = await type(world, 'break-glass', 'list')
  expect(listed.exit).toBe(6)
  expect(listed.out).toContain(`${id}  production  v1  review owed`)
  expect(listed.out).toContain('went around runs_on_staging, staging_smoke_tests: login is down')
  expect((await type(world, 'list')).out).toMatch(/success REVIEW OWED/)
  const review = ['break-glass', 'review', id, '--comment', 'seen', '--confirm', id]
  expect((await type(world, ...review, '--key', 'ada')).exit).toBe(4)
  const signed = await type(world, ...review, '--key', 'bob')
  expect(signed).toMatchObject({ exit: 0, out: `reviewed as bob: nothing is owed for ${id}\n` })
  expect(signed.err).toContain('BREAK GLASS: goes around')
  expect((await type(world, 'break-glass', 'list')).exit).toBe(0)
})

it.each([['token list'], ['break-glass list'], ['notifications list']])(
  'shows of rows that somebody wrote by hand nothing that a terminal obeys: %s',
  async (command) => {
    const world = makeWorld()
    const evil = 'evil\u001b[2J\u0007'
    await world.call.store.write(async (tables) => {
      const review = { review_statement: null, review_signature: null, reviewed_by: null }
      const owed = { deployment_id: evil, environment: evil, gates: [evil], reason: evil }
      await tables.reviewsOwed.insert({ ...owed, ...review, owed_since: 1, reviewed_at: null })
      const token = { id: evil, name: evil, sha256: evil, role: evil as 'auditor' }
      const times = { created_by: evil, created_at: 1, expires_at: null, revoked_at: null }
      await tables.callerTokens.insert({ ...token, ...times, environments: [evil] })
      const message = { id: evil, target: evil, event: 'test', payload: evil, last_error: evil }
      const tried = { created_at: 1, due_at: 1, attempts: 1, delivered_at: null }
      await tables.outbox.insert({ ...message, ...tried, abandoned_at: null })
    })
    const { out } = await type(world, ...command.split(' '))
    expect(out).toContain('evil')
    expect(out).not.toContain('\u001b')
    expect(out).not.toContain('\u0007')
  },
)
