import { describe, expect, it } from 'vitest'
import { makeWorld } from '../support/fake-context.ts'
import { answer, release as releaseOf } from '../support/fake-ports.ts'
import { finding } from '../support/findings.ts'
import { approve, promote, release, rollBack, stage } from './support/journey.ts'

const onProduction = { environment: 'production', reason: 'errors after v2' }

/** Rolls production back with everything a person has to do for it. */
async function rollBackApproved(world: ReturnType<typeof makeWorld>, args = {}) {
  const { approval } = await rollBack(world.call, { ...onProduction, ...args })
  await approve(world, approval.id)
  const token = { approval_token: approval.id }
  return await rollBack(world.call, { ...onProduction, ...args, ...token })
}

async function holds({ call }: ReturnType<typeof makeWorld>) {
  return await call.store.read((tables) => tables.holds.list('production'))
}

describe('a rollback', () => {
  it('returns to the last verified release, is verified, and holds the one it left', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    const bad = await release(world, 'v2')
    const asked = await rollBack(world.call, onProduction)
    expect(asked).toMatchObject({
      status: 'waiting_approval',
      from_version: 'v2',
      to_version: 'v1',
      rollback_id: null,
      explanation: expect.stringContaining('v1 is the last release verified here'),
    })
    const started = await rollBackApproved(world)
    const ended = await world.drive(String(started.rollback_id))
    expect(ended).toMatchObject({
      kind: 'rollback',
      status: 'success',
      verified: true,
      reason: 'errors after v2',
    })
    expect(world.pipeline.running.get('production')).toEqual(releaseOf('1'))
    expect(await holds(world)).toMatchObject([{ version: 'v2', reason: 'errors after v2' }])
    const left = await world.call.store.read((tables) => tables.deployments.get(bad.id))
    expect(left?.status).toBe('rolled_back')
  })

  it('lets the release it left return only once a person lifts the hold', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await release(world, 'v2')
    await world.drive(String((await rollBackApproved(world)).rollback_id))
    expect(await promote(world.call, 'v2')).toMatchObject({
      status: 'blocked',
      blockers: [expect.stringContaining('gonogo hold lift production v2')],
    })
    await world.call.store.write((tables) => tables.holds.remove('production', releaseOf('2').sha))
    expect((await promote(world.call, 'v2')).status).toBe('waiting_approval')
  })

  it('goes further back when it is rolled back again by hand', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await release(world, 'v2')
    await release(world, 'v3')
    await world.drive(String((await rollBackApproved(world)).rollback_id))
    expect(await rollBack(world.call, onProduction)).toMatchObject({
      from_version: 'v2',
      to_version: 'v1',
    })
  })

  it('takes the release it is told, if that was verified here', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await release(world, 'v2')
    await release(world, 'v3')
    expect(await rollBack(world.call, { ...onProduction, target_version: 'v1' })).toMatchObject({
      to_version: 'v1',
      explanation: expect.stringContaining('was asked for'),
    })
    const never = rollBack(world.call, { ...onProduction, target_version: 'v9' })
    await expect(never).rejects.toMatchObject({
      code: 'no_rollback_target',
      message: expect.stringContaining('was never verified in this environment'),
    })
  })

  it('without a target fails, and says how to get one', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await expect(rollBack(world.call, onProduction)).rejects.toMatchObject({
      code: 'no_rollback_target',
      message: expect.stringContaining('the only verified release is the one that runs now'),
      hint: expect.stringContaining('gonogo adopt'),
    })
  })

  it('is not blocked by new advisories', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await release(world, 'v2')
    const findings = [finding('critical')]
    world.dependencies.report = { ...world.dependencies.report, findings }
    expect((await rollBack(world.call, onProduction)).status).toBe('waiting_approval')
  })

  it('says whether the old release can use the schema of the present one', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await release(world, 'v2')
    expect((await rollBack(world.call, onProduction)).warnings).toContainEqual(
      expect.stringContaining('whether v1 can use the schema that is there now is unknown'),
    )
  })

  it('goes by what the live system runs, not by what was deployed last', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await release(world, 'v2')
    const body = JSON.stringify({ commit: releaseOf('1').sha })
    world.probe.answers.set('http://production.test/version', answer(200, body))
    const { warnings } = await rollBack(world.call, onProduction)
    expect(warnings).toContainEqual(expect.stringContaining('production reports 1111'))
  })

  it('that does not verify fails and holds nothing', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await release(world, 'v2')
    const started = await rollBackApproved(world)
    world.probe.brokenStep = 'home'
    expect(await world.drive(String(started.rollback_id))).toMatchObject({
      status: 'failure',
      health_status: 'unhealthy',
    })
    expect(await holds(world)).toEqual([])
  })

  it('interrupts a deployment under way and takes its place', async () => {
    const world = makeWorld()
    await release(world, 'v1')
    await stage(world, 'v2')
    world.pipeline.ends = 'running'
    const { approval } = await promote(world.call, 'v2')
    await approve(world, approval.id)
    const going = await promote(world.call, 'v2', { approval_token: approval.id })
    const started = await rollBackApproved(world)
    expect(started).toMatchObject({ to_version: 'v1', from_version: 'v2' })
    world.pipeline.ends = 'succeeded'
    const ended = await world.drive(String(started.rollback_id))
    expect(ended).toMatchObject({ status: 'success', preempts: going.deployment_id })
    const old = await world.call.store.read((tables) =>
      tables.deployments.get(String(going.deployment_id)),
    )
    expect(old).toMatchObject({
      status: 'cancelled',
      phase: 'ended',
      fault: { cause: `interrupted by ${started.rollback_id}` },
    })
  })

  it('wants no approval where the environment wants none', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    await stage(world, 'v2')
    const started = await rollBack(world.call)
    expect(started).toMatchObject({ status: 'queued', to_version: 'v1' })
    expect((await world.drive(String(started.rollback_id))).status).toBe('success')
  })

  it('only shows the plan in a dry run', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    await stage(world, 'v2')
    const result = await rollBack(world.call, { dry_run: true })
    expect(result).toMatchObject({
      status: 'dry_run',
      rollback_id: null,
      accepted: 'yes: no approval is needed here',
      plan: { action: 'rollback', release: releaseOf('1'), reason: 'errors' },
    })
    expect(world.pipeline.running.get('staging')).toEqual(releaseOf('2'))
  })

  it.each([{ reason: '' }, { reason: '   ' }, { reason: undefined }])(
    'wants a reason: %j',
    async (args) => {
      const { call } = makeWorld()
      await expect(rollBack(call, args)).rejects.toMatchObject({ code: 'invalid_input' })
    },
  )
})

it('warns that a release which never became current has nothing to undo', async () => {
  const world = makeWorld()
  await release(world, 'v1')
  await release(world, 'v2')
  await stage(world, 'v3')
  world.pipeline.ends = 'failed'
  const { approval } = await promote(world.call, 'v3')
  await approve(world, approval.id)
  const { deployment_id } = await promote(world.call, 'v3', { approval_token: approval.id })
  await world.drive(String(deployment_id))
  const { warnings } = await rollBack(world.call, onProduction)
  expect(warnings).toContain('v3 never became current: this replaces v2, which runs')
})
