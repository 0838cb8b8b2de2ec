import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/core/failure.ts'
import { unknownRelease, type ObservedDeployment } from '../../src/core/observed.ts'
import { adopt } from '../../src/desk/adopt.ts'
import { getDeploymentStatus } from '../../src/tools/get-deployment-status.ts'
import { listDeployments } from '../../src/tools/list-deployments.ts'
import { estimatedMinutes } from '../../src/tools/support/estimate.ts'
import { observe } from '../../src/tools/support/observe.ts'
import { hour, makeWorld, type World } from '../support/fake-context.ts'
import { answer, release as releaseOf } from '../support/fake-ports.ts'
import { promote, rollBack, stage } from './support/journey.ts'

/** Somebody else put v2 into production an hour after the epoch. */
function observed(changes: Partial<ObservedDeployment> = {}): ObservedDeployment {
  return {
    external_id: 'deployment:7',
    environment: 'production',
    release: releaseOf('2'),
    git_ref: 'main',
    status: 'success',
    began: true,
    changed: true,
    cause: null,
    initiated_by: 'github:octocat',
    run_id: '70',
    correlation_id: null,
    consent_verified: null,
    created_at: 3_600_000,
    completed_at: 3_700_000,
    ...changes,
  }
}

/** A world whose pipeline knows of these. */
function worldWith(...found: ObservedDeployment[]): World & { found: ObservedDeployment[] } {
  const world = makeWorld()
  world.pipeline.observed = async () => found
  return Object.assign(world, { found })
}

async function list({ call }: World) {
  const { output } = await listDeployments.call({}, call)
  return output as { deployments: Record<string, unknown>[]; incomplete?: string }
}

async function noAnswer(): Promise<never> {
  throw new Failure({ code: 'pipeline_unavailable', message: 'no answer', hint: 'wait' })
}

describe('deployments that others started', () => {
  it('are listed beside our own, as observed, by whoever started them', async () => {
    const world = worldWith(observed())
    await stage(world, 'v1')
    const { deployments } = await list(world)
    expect(deployments).toMatchObject([
      { environment: 'staging', kind: 'deploy' },
      {
        environment: 'production',
        kind: 'observed',
        status: 'success',
        version: 'v2',
        initiated_by: 'github:octocat',
      },
    ])
    expect(deployments[1]).not.toHaveProperty('bypass')
  })

  it('stay in history when the platform has forgotten them', async () => {
    const world = worldWith(observed())
    await list(world)
    world.found.length = 0
    expect((await list(world)).deployments).toMatchObject([{ kind: 'observed', version: 'v2' }])
  })

  it('are brought up to date, and there once', async () => {
    const world = worldWith(observed({ status: 'in_progress', completed_at: null }))
    const [first] = (await list(world)).deployments
    expect(first).toMatchObject({ status: 'in_progress' })
    world.found[0] = observed({ status: 'failure', cause: 'its job deploy failed' })
    const { output } = await getDeploymentStatus.call(
      { deployment_id: first!.deployment_id },
      world.call,
    )
    expect(output).toMatchObject({
      deployment: { status: 'failure' },
      failure: { cause: 'its job deploy failed' },
    })
    expect((await list(world)).deployments).toHaveLength(1)
  })

  it('are left out when they are the run of one of ours; an id alone can be copied', async () => {
    const world = worldWith()
    const { id, run_id } = await stage(world, 'v1')
    world.found.push(observed({ correlation_id: id, run_id }))
    expect((await list(world)).deployments).toHaveLength(1)
    world.found.push(observed({ correlation_id: id, external_id: 'run/70/1/production' }))
    expect((await list(world)).deployments).toHaveLength(2)
  })

  it('keep what was known of them, when their run is deleted or their tag is moved', async () => {
    const world = worldWith(observed({ consent_verified: false }))
    await list(world)
    world.found[0] = observed({ release: releaseOf('3'), consent_verified: null })
    await list(world)
    world.found[0] = observed({ release: null, cause: 'its run was deleted from GitHub' })
    expect((await list(world)).deployments).toMatchObject([
      { version: 'v2', status: 'success', bypass: true },
    ])
  })

  it.each([
    ['a guarded environment and no verified approval', {}, true],
    ['an approval that its run verified', { consent_verified: true }, false],
    ['a run that is not known to have verified anything', { consent_verified: null }, false],
    ['an environment that wants no approval', { environment: 'staging' }, false],
    ['a run that got nowhere', { status: 'failure', began: false }, false],
    ['a run that failed when it was there', { status: 'failure' }, true],
  ] as const)('are a bypass or not: %s', async (_, changes, bypass) => {
    const world = worldWith(observed({ consent_verified: false, ...changes }))
    const [row] = (await list(world)).deployments
    expect(row!.bypass ?? false).toBe(bypass)
  })

  it('are of unknown outcome when nobody knows what was deployed', async () => {
    const world = worldWith(observed({ release: null, cause: 'its inputs are not told' }))
    expect((await list(world)).deployments).toMatchObject([
      { status: 'outcome_unknown', version: 'unknown' },
    ])
  })

  it('may be gone back to, which the approver is told', async () => {
    const world = worldWith(observed({ environment: 'staging' }))
    await stage(world, 'v1')
    const { to_version, explanation, plan } = await rollBack(world.call, { dry_run: true })
    expect([to_version, explanation]).toEqual([
      'v2',
      expect.stringContaining('v2 is the last release seen to succeed here'),
    ])
    expect(plan.warnings[0]).toMatch(/^v2 was seen to succeed here \(obs_\w+\), never verified/)
    expect(plan.warnings[0]).not.toContain('BYPASS')

    const guarded = worldWith(observed({ consent_verified: false }))
    const around = await rollBack(guarded.call, { environment: 'production', dry_run: true })
    expect(around.plan.warnings).toContainEqual(
      expect.stringMatching(/never verified by gonogo.*\(BYPASS\)$/),
    )
  })

  it('take no part in how long ours take, however many there are', async () => {
    const world = worldWith()
    const { created_at } = await stage(world, 'v1')
    const before = await estimatedMinutes(world.call, 'staging')
    expect(before).not.toBeNull()
    for (let count = 0; count < 101; count++) {
      const times = { created_at: created_at + 1 + count, completed_at: created_at + hour }
      world.found.push(observed({ environment: 'staging', external_id: `run/${count}`, ...times }))
    }
    await list(world)
    expect(await estimatedMinutes(world.call, 'staging')).toBe(before)
  })

  it('are shown as they were last known when GitHub does not answer, which is waited for once', async () => {
    const world = worldWith(observed())
    const [row] = (await list(world)).deployments
    let waited = 0
    const silent = async () => {
      waited++
      const message = 'GitHub did not answer'
      throw new Failure({ code: 'pipeline_unavailable', message, hint: 'wait', retryable: true })
    }
    Object.assign(world.pipeline, { observed: silent, find: silent })
    const input = { deployment_id: row!.deployment_id }
    const { output } = await getDeploymentStatus.call(input, world.call)
    expect(output).toMatchObject({
      deployment: { status: 'success', version: 'v2' },
      trouble: 'GitHub did not answer',
    })
    expect(waited).toBe(1)
  })

  it('are missed aloud by a rollback that could not read them', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    await stage(world, 'v2')
    world.pipeline.observed = noAnswer
    const { plan, to_version } = await rollBack(world.call, { dry_run: true })
    expect(to_version).toBe('v1')
    expect(plan.warnings[0]).toBe(
      'what others deployed lately could not be read, and was not considered',
    )
    const nothing = makeWorld()
    nothing.pipeline.observed = noAnswer
    await expect(rollBack(nothing.call)).rejects.toMatchObject({
      code: 'no_rollback_target',
      message: expect.stringContaining('was not considered (no answer)'),
    })
  })

  it('do not keep our own from being listed when they cannot be read', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    world.pipeline.observed = async () => {
      const message = 'rate limited until 12:00:00 UTC'
      throw new Failure({ code: 'rate_limited', message, hint: 'wait', retryable: true })
    }
    const { output, summary } = await listDeployments.call({}, world.call)
    expect(output).toMatchObject({
      deployments: [{ version: 'v1' }],
      incomplete: 'rate limited until 12:00:00 UTC',
    })
    expect(summary).toContain('Those of others are missing: rate limited until')
  })
})

describe('where the records do not tell what runs', () => {
  const url = 'http://staging.test/version'

  /** v1 was verified on staging, and then something unknown was put there. The live system is silent. */
  async function unknownWorld() {
    const world = worldWith(observed({ environment: 'staging', release: null }))
    await stage(world, 'v1')
    world.found[0]!.created_at = world.call.runtime.now() + 1
    world.pipeline.current = async () => unknownRelease
    world.probe.answers.set(url, answer(503))
    return world
  }

  it('is gone back to what was verified last, and nothing is promoted', async () => {
    const { call } = await unknownWorld()
    const { from_version, to_version } = await rollBack(call, { dry_run: true })
    expect([from_version, to_version]).toEqual([null, 'v1'])
    const { blockers } = await promote(call, 'v1', { dry_run: true })
    expect(blockers).toEqual([expect.stringContaining('runs_on_staging')])
  })

  it('the live system does, or a person who adopts it', async () => {
    const world = await unknownWorld()
    const [staging] = world.call.project.environments
    const runs = async () => (await observe(world.call, staging!)).release
    expect(await runs()).toBeNull()
    world.probe.answers.set(url, answer(200, JSON.stringify({ commit: releaseOf('1').sha })))
    expect(await runs()).toEqual(releaseOf('1'))

    world.probe.answers.set(url, answer(503))
    world.pass(hour)
    await adopt(world.call, 'staging', 'v3')
    expect(await runs()).toEqual(releaseOf('3'))
  })

  it('what failed there last is held when it was rolled back', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    world.pipeline.ends = 'failed'
    await stage(world, 'v2')
    world.pipeline.ends = 'succeeded'
    world.pipeline.current = async () => unknownRelease
    const live = world.probe.answers.get(url)!
    world.probe.answers.set(url, answer(503))
    const { rollback_id, to_version } = await rollBack(world.call)
    expect(to_version).toBe('v1')
    world.probe.answers.set(url, live)
    expect(await world.drive(String(rollback_id))).toMatchObject({ status: 'success' })
    const holds = await world.call.store.read((tables) => tables.holds.list('staging'))
    expect(holds).toMatchObject([{ version: 'v2' }])
  })
})
