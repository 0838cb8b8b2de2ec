import { describe, expect, it } from 'vitest'
import { adopt } from '../../src/desk/adopt.ts'
import { makeWorld } from '../support/fake-context.ts'
import { answer, release as releaseOf } from '../support/fake-ports.ts'
import { rollBack, stage } from '../tools/support/journey.ts'

const versionUrl = 'http://staging.test/version'

describe('adopting a release', () => {
  it('that the live system names itself makes it a rollback target', async () => {
    const world = makeWorld()
    world.probe.answers.set(versionUrl, answer(200, JSON.stringify({ commit: 'v1' })))
    expect(await adopt(world.call, 'staging', 'v1')).toMatchObject({
      environment: 'staging',
      version: 'v1',
      verified: true,
      message: 'staging itself reports this release',
    })
    world.pipeline.running.set('staging', releaseOf('2'))
    world.probe.answers.set(versionUrl, answer(200, JSON.stringify({ commit: 'v2' })))
    expect(await rollBack(world.call)).toMatchObject({ to_version: 'v1' })
  })

  it.each([
    ['cannot be asked', undefined],
    ['does not say', answer(200, '{}')],
    ['is broken', answer(500)],
  ])('of a live system that %s is recorded, and is no rollback target', async (_, reply) => {
    const world = makeWorld()
    if (reply) world.probe.answers.set(versionUrl, reply)
    else world.probe.answers.delete(versionUrl)
    const adopted = await adopt(world.call, 'staging', 'v1')
    expect(adopted).toMatchObject({
      verified: false,
      message: expect.stringContaining('recorded on your word'),
    })
    world.pipeline.running.set('staging', releaseOf('2'))
    await expect(rollBack(world.call)).rejects.toMatchObject({ code: 'no_rollback_target' })
    await expect(rollBack(world.call, { target_version: 'v1' })).rejects.toMatchObject({
      code: 'no_rollback_target',
    })
  })

  it('that the live system contradicts is refused, and names what it reports', async () => {
    const world = makeWorld()
    const body = JSON.stringify({ commit: `v2\u001b[31m` })
    world.probe.answers.set(versionUrl, answer(200, body))
    await expect(adopt(world.call, 'staging', 'v1')).rejects.toMatchObject({
      code: 'invalid_input',
      message: 'staging reports v2, not v1',
      hint: 'look at staging: that is no version anybody can adopt',
    })
    world.probe.answers.set(versionUrl, answer(200, JSON.stringify({ commit: 'v2' })))
    await expect(adopt(world.call, 'staging', 'v1')).rejects.toMatchObject({
      hint: 'run gonogo adopt staging v2 if that is what runs',
    })
    const { rows } = await world.call.store.read((tables) => tables.deployments.list({ limit: 5 }))
    expect(rows).toEqual([])
  })

  it('gives history a start: what runs is known until something is deployed', async () => {
    const world = makeWorld()
    await adopt(world.call, 'staging', 'v1')
    await stage(world, 'v2')
    const { rows } = await world.call.store.read((tables) => tables.deployments.list({ limit: 5 }))
    expect(rows.map(({ kind, from }) => [kind, from?.version ?? null])).toEqual([
      ['deploy', 'v1'],
      ['adoption', null],
    ])
  })

  it('is written down, before and after', async () => {
    const world = makeWorld()
    const { deployment_id } = await adopt(world.call, 'staging', 'v1')
    expect(await world.call.audit.tail(5)).toMatchObject([
      { operation: 'adopt', phase: 'intent', success: null, correlation_id: deployment_id },
      { operation: 'adopt', phase: 'result', success: true, environment: 'staging' },
    ])
  })
})
