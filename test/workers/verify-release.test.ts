import { beforeEach, describe, expect, it } from 'vitest'
import type { ProbeAnswer } from '../../src/ports/probe.ts'
import { verifyRelease } from '../../src/workers/verify-release.ts'
import { deployment } from '../adapters/store/rows.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { answer } from '../support/fake-ports.ts'
import { smokeSuites } from '../support/fake-project.ts'

let world: World
beforeEach(() => void (world = makeWorld()))

const release = { sha: '1'.repeat(40), version: 'v1' }
const version = 'http://production.test/version'
const health = 'http://production.test/health'

/** A connection that is accepted and never answered costs its caller the whole time limit. */
function silent(): ProbeAnswer {
  world.pass(5000)
  return { reached: false, problem: 'no answer within 5000 ms', duration_ms: 5000 }
}

async function verified(verify = 'basic', policy_hash = world.call.policyHash) {
  const began = world.call.runtime.now()
  const outcome = await verifyRelease({
    call: world.call,
    deployment: deployment('dep_1', {
      environment: 'production',
      phase: 'verifying',
      release,
      plan: JSON.stringify({ verify, policy_hash }),
    }),
    pipeline: world.pipeline,
    signal: new AbortController().signal,
  })
  return { outcome, took: world.call.runtime.now() - began }
}

describe('a release that was switched to', () => {
  it('is verified when it names itself, is healthy and passes its smoke tests', async () => {
    world.pipeline.running.set('production', release)
    const { outcome } = await verified()
    expect(outcome).toMatchObject({
      event: { type: 'verified', health: 'healthy', live: true },
      checks: [
        { check: { check_name: 'live_version', status: 'passed' } },
        { check: { check_name: 'health', status: 'passed' } },
        { check: { check_name: 'smoke_tests', status: 'passed' } },
      ],
    })
  })

  it('may take a moment to report itself', async () => {
    const late = [answer(503), silent(), answer(200, JSON.stringify({ commit: release.sha }))]
    world.probe.answers.set(version, () => late.shift() ?? answer(500))
    expect((await verified()).outcome).toMatchObject({ event: { type: 'verified' } })
  })

  it.each([
    ['is never answered for', version, 'live_version', 'did not answer', 'unknown'],
    ['is never well', health, 'health', 'no answer within', 'unhealthy'],
  ])('fails within a minute when it %s', async (_what, url, step, cause, told) => {
    world.pipeline.running.set('production', release)
    world.probe.answers.set(url, silent)
    const { outcome, took } = await verified()
    expect(outcome).toMatchObject({
      event: {
        type: 'verification_failed',
        step,
        cause: expect.stringContaining(cause),
        health: told,
      },
    })
    expect(took).toBeLessThan(60_000)
  })

  it('fails when another release answers, however green the run was', async () => {
    world.pipeline.running.set('production', { sha: '2'.repeat(40), version: 'v2' })
    const { outcome } = await verified()
    expect(outcome).toMatchObject({
      event: { type: 'verification_failed', step: 'live_version', health: 'unknown' },
      checks: [{ check: { message: `reports ${'2'.repeat(40)}, not v1` } }],
    })
  })

  it('is what the answers of its smoke tests are compared with', async () => {
    world.pipeline.running.set('production', release)
    await verified()
    expect(world.probe.smoked).toMatchObject({ release, versionPath: 'commit' })
  })

  it('fails with the smoke test that failed', async () => {
    world.pipeline.running.set('production', release)
    world.probe.brokenStep = 'log in'
    expect((await verified()).outcome).toMatchObject({
      event: { type: 'verification_failed', step: 'smoke_tests', cause: 'log in: answered 500' },
    })
  })

  it('is not verified by a configuration that was edited after the plan was made', async () => {
    world.pipeline.running.set('production', release)
    expect((await verified('basic', 'another policy')).outcome).toMatchObject({
      event: {
        type: 'verification_failed',
        cause: expect.stringContaining('configuration changed'),
      },
    })
  })

  it('fails when the smoke tests that were planned cannot be run', async () => {
    world.pipeline.running.set('production', release)
    world.call.project = { ...world.call.project, smoke: smokeSuites() }
    expect((await verified()).outcome).toMatchObject({
      event: { type: 'verification_failed', step: 'smoke_tests' },
    })
  })

  it('counts as unverified when the live system is asked nothing', async () => {
    const { call } = world
    const environments = call.project.environments.map((environment) => ({
      ...environment,
      version: null,
      health: {},
    }))
    call.project = { ...call.project, environments }
    expect((await verified('off')).outcome).toEqual({
      event: { type: 'verified', health: 'unknown', live: false },
      checks: [],
    })
  })
})
