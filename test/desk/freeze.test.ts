import { describe, expect, it, test } from 'vitest'
import type { FreezeWindow } from '../../src/core/freeze.ts'
import { explainFreeze, freezeStatuses } from '../../src/desk/freeze.ts'
import { validateDeployment } from '../../src/tools/validate-deployment.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { fakeProject } from '../support/fake-project.ts'
import { approve, deploy, promote, release, rollBack, stage } from '../tools/support/journey.ts'

const base = { environments: ['staging', 'production'], time_zone: 'Europe/Berlin' }
/** The clock of these tests stands at 2030-01-01T00:00Z, a Tuesday. */
const holidays: FreezeWindow = {
  ...base,
  name: 'public holidays',
  kind: 'holidays',
  file: '/srv/days.txt',
  holidays: [{ name: 'New Year', from: '2030-01-01', to: '2030-01-01' }],
}
const nights: FreezeWindow = {
  ...base,
  name: 'nights',
  kind: 'weekly',
  days: ['sun'],
  from: '02:00',
  to: '03:00',
}

const nightly = () => makeWorld({ project: fakeProject({ freeze: [nights] }) }).call

function frozenWorld(): World {
  return makeWorld({ project: fakeProject({ freeze: [holidays] }) })
}

const why = { override_freeze: true, reason: 'the rent is due' }

describe('a freeze', () => {
  it('is overridden with a reason and an approval, even where none is wanted else', async () => {
    const world = frozenWorld()
    const frozen =
      'freeze_window: frozen by public holidays: New Year until 2030-01-01T23:00:00.000Z: wait, or ask for it with override_freeze and a reason, which a person approves'
    await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, world.call)
    expect((await deploy(world.call, 'v1')).blockers).toEqual([frozen])
    await expect(deploy(world.call, 'v1', { override_freeze: true })).rejects.toMatchObject({
      code: 'invalid_input',
      details: { field: 'reason' },
    })
    const asked = await deploy(world.call, 'v1', why)
    expect(asked).toMatchObject({ status: 'waiting_approval', deployment_id: null })
    expect(asked.warnings[0]).toBe('goes into a freeze: the rent is due')
    expect(asked.warnings).toContain(frozen)
    const stored = await world.call.store.read((tables) => tables.approvals.get(asked.approval.id))
    expect(stored?.request).toMatchObject({
      kind: 'standard',
      overrides: ['override_freeze'],
      reason: 'the rent is due',
    })
    await approve(world, asked.approval.id)
    const token = { approval_token: asked.approval.id }
    // The consent is to going into the freeze, so it is worth nothing without saying so.
    expect((await deploy(world.call, 'v1', token)).status).toBe('blocked')
    const { status, deployment_id } = await deploy(world.call, 'v1', { ...why, ...token })
    expect(status).toBe('queued')
    const ended = await world.drive(String(deployment_id))
    expect(ended).toMatchObject({ status: 'success', reason: 'the rent is due' })
    expect(await world.call.store.read((tables) => tables.reviewsOwed.get(ended.id))).toBeNull()
  })

  it('is told by a dry run, which asks nobody', async () => {
    const world = frozenWorld()
    await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, world.call)
    const dry = await deploy(world.call, 'v1', { ...why, dry_run: true })
    expect(dry).toMatchObject({ status: 'dry_run', accepted: 'not yet: a person has to approve' })
    expect(dry.plan).toMatchObject({ skips: ['override_freeze'], reason: 'the rent is due' })
    const open = await world.call.store.read((tables) =>
      tables.approvals.list({ states: ['open'], limit: 5 }),
    )
    expect(open).toEqual([])
  })

  it('holds no rollback back, and waives nothing but itself', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await release(world, 'v2')
    const call = { ...world.call, project: fakeProject({ freeze: [holidays] }) }
    expect((await promote(call, 'v1', why)).blockers).toEqual([
      expect.stringMatching(/^runs_on_staging: /),
    ])
    expect((await rollBack(call, { environment: 'staging' })).status).toBe('queued')
  })

  it('that is not open is overridden in vain, and still wants the consent that was asked for', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const asked = await deploy(world.call, 'v1', why)
    expect(asked.status).toBe('waiting_approval')
    expect(asked.warnings[0]).toBe('would go into a freeze, and none is open: the rent is due')
  })
})

test('its status says what is open, until when, and what comes next', async () => {
  const world = makeWorld({ project: fakeProject({ freeze: [holidays, nights] }) })
  const [staging] = await freezeStatuses(world.call, ['staging'])
  expect(staging).toMatchObject({
    frozen: true,
    until: '2030-01-01T23:00:00.000Z',
    open: [
      {
        name: 'public holidays: New Year',
        local: '2030-01-01 00:00 to 2030-01-02 00:00, Europe/Berlin',
      },
    ],
    next: [{ name: 'nights', from: '2030-01-06T01:00:00.000Z' }],
    requirement: 'required',
    notes: [],
  })
  world.pass(48 * 3_600_000)
  const [later] = await freezeStatuses(world.call, ['production'])
  expect(later).toMatchObject({
    frozen: false,
    until: null,
    notes: ['public holidays lists no day after 2030-01-01'],
  })
})

describe('a time that is asked about', () => {
  it('is of the zone of the windows, or as it says', async () => {
    const call = nightly()
    const local = await explainFreeze(call, '2030-01-06T02:30', 'production', undefined)
    expect(local.read_as).toBe('2030-01-06 02:30, Europe/Berlin: 2030-01-06T01:30:00.000Z')
    expect(local.moments).toMatchObject([{ frozen: true, until: '2030-01-06T02:00:00.000Z' }])
    const utc = await explainFreeze(call, '2030-01-06T02:30Z', 'production', undefined)
    expect(utc.moments).toMatchObject([{ at: '2030-01-06T02:30:00.000Z', frozen: false }])
    const named = await explainFreeze(call, '2030-01-06 02:30', 'production', 'Asia/Tokyo')
    expect(named.moments).toMatchObject([{ at: '2030-01-05T17:30:00.000Z', frozen: false }])
  })

  it('is told twice where clocks show it twice', async () => {
    const found = await explainFreeze(nightly(), '2030-10-27T02:30', 'production', undefined)
    expect(found.read_as).toContain('clocks are set back and show this time twice')
    expect(found.moments).toMatchObject([
      { at: '2030-10-27T00:30:00.000Z', frozen: true },
      { at: '2030-10-27T01:30:00.000Z', frozen: true, until: '2030-10-27T02:00:00.000Z' },
    ])
  })

  it('is the moment of the jump where clocks jump over it', async () => {
    const found = await explainFreeze(nightly(), '2030-03-31T02:30', 'production', undefined)
    expect(found.read_as).toContain('clocks jump over this time')
    expect(found.moments).toMatchObject([{ at: '2030-03-31T01:00:00.000Z' }])
  })

  it.each(['tomorrow', '2030-02-30', '24.12.2030', '2030-01-06T02:30+99:00'])(
    'is refused when it is no time: %s',
    async (text) => {
      await expect(explainFreeze(nightly(), text, 'production', undefined)).rejects.toMatchObject({
        code: 'invalid_input',
      })
    },
  )

  it('wants a zone where windows are of several', async () => {
    const { call } = makeWorld({
      project: fakeProject({ freeze: [nights, { ...nights, name: 'x', time_zone: 'UTC' }] }),
    })
    await expect(explainFreeze(call, '2030-01-06', 'production', undefined)).rejects.toThrow(
      'several time zones: Europe/Berlin, UTC',
    )
    await expect(explainFreeze(call, '2030-01-06', 'production', 'Mars')).rejects.toThrow(
      'not a known time zone',
    )
  })
})
