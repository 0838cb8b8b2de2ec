import { describe, expect, it } from 'vitest'
import type { Check } from '../../../src/core/check.ts'
import type { ImageRule } from '../../../src/core/image.ts'
import type { Call } from '../../../src/ports/context.ts'
import { validateDeployment } from '../../../src/tools/validate-deployment.ts'
import { hour, makeWorld, type World } from '../../support/fake-context.ts'
import { fakeEnvironment, fakeProject } from '../../support/fake-project.ts'
import { configured } from '../../support/trust-as.ts'
import { approve, deploy, promote, promoteApproved, stage } from './journey.ts'

interface Validation {
  valid: boolean
  plan_hash?: string
  blockers: string[]
  checks: Check[]
}

async function validate(call: Call, environment = 'production', git_ref = 'v1') {
  const { output } = await validateDeployment.call({ environment, git_ref }, call)
  return output as unknown as Validation
}

const api: ImageRule = {
  name: 'api',
  image: 'registry.test/clinic/api',
  tag: '{{version}}',
  platform: 'linux/amd64',
  require_user: false,
  require_healthcheck: false,
}

/** A project whose release is an image, which the registry knows. */
function imageWorld(): World {
  const environments = ['staging', 'production'].map((name) => {
    const { checks } = fakeEnvironment(name)
    return fakeEnvironment(name, { checks: { ...checks, docker_images: 'required' } })
  })
  const world = makeWorld({ project: fakeProject({ environments, images: [api] }) })
  world.registry.digests.set('registry.test/clinic/api:v1', digest('1'))
  world.registry.digests.set('registry.test/clinic/api:v2', digest('2'))
  return world
}

const digest = (digit: string) => `sha256:${digit.repeat(64)}`

const again = ': run validate_deployment again'

describe('the plan of a validation', () => {
  it('is the very plan that is approved afterwards', async () => {
    const world = imageWorld()
    await stage(world, 'v1')
    const { valid, plan_hash } = await validate(world.call)
    expect(valid).toBe(true)
    const asked = await promote(world.call, 'v1')
    expect(asked).toMatchObject({ status: 'waiting_approval', plan_hash })
    const dry = await promote(world.call, 'v1', { dry_run: true })
    expect(dry.plan).toMatchObject({
      images: [{ name: 'api', reference: 'registry.test/clinic/api:v1', digest: digest('1') }],
      before: { environment: 'staging', release: { version: 'v1' } },
    })
  })

  it('is made for a no-go, too, and does not count then', async () => {
    const world = imageWorld()
    await stage(world, 'v2')
    const early = await validate(world.call)
    expect(early.valid).toBe(false)
    expect(early.plan_hash).toMatch(/^[0-9a-f]{64}$/)
    expect(early.blockers).toContainEqual(
      'runs_on_staging: staging runs v2, not v1: deploy it there first',
    )
    await stage(world, 'v1')
    expect(await promote(world.call, 'v1')).toMatchObject({ status: 'waiting_approval' })
  })
})

describe('a promotion is refused, and says what changed,', () => {
  it('when staging runs something else by now', async () => {
    const world = imageWorld()
    await stage(world, 'v1')
    await validate(world.call)
    await stage(world, 'v2')
    const { status, blockers } = await promote(world.call, 'v1')
    expect(status).toBe('blocked')
    expect(blockers).toEqual([
      'runs_on_staging: staging runs v2, not v1: deploy it there first',
      `validated_plan: changed since it was validated: staging runs v2 (222222222222) now, and ran v1 (111111111111)${again}`,
    ])
  })

  it('when an image has another content under its tag', async () => {
    const world = imageWorld()
    await stage(world, 'v1')
    await validate(world.call)
    world.registry.digests.set('registry.test/clinic/api:v1', digest('7'))
    expect(await promote(world.call, 'v1')).toMatchObject({
      status: 'blocked',
      blockers: [
        `validated_plan: changed since it was validated: image api: registry.test/clinic/api:v1 is ${digest('7')} now, and was ${digest('1')}${again}`,
      ],
    })
    expect((await validate(world.call)).valid).toBe(true)
    expect(await promote(world.call, 'v1')).toMatchObject({ status: 'waiting_approval' })
  })

  it('when the configuration was edited, by the keys', async () => {
    const world = imageWorld()
    await stage(world, 'v1')
    await validate(world.call)
    const edited = configured(world.call, {
      security: { ...world.call.project.security, thresholds: { critical: 5, high: 9 } },
      evidence_hours: 23,
    })
    const { status, blockers } = await promote(edited, 'v1')
    expect(status).toBe('blocked')
    expect(blockers!.at(-1)).toBe(
      `validated_plan: changed since it was validated: the configuration changed (policy_hash); evidence_hours: 24 -> 23; security.thresholds.critical: 0 -> 5; security.thresholds.high: 3 -> 9${again}`,
    )
  })

  it('when the configuration was edited so that the validation would be too old', async () => {
    const world = imageWorld()
    await stage(world, 'v1')
    await validate(world.call)
    world.pass(2 * hour)
    await stage(world, 'v1')
    const { blockers } = await promote(configured(world.call, { evidence_hours: 1 }), 'v1')
    expect(blockers!.at(-1)).toContain('evidence_hours: 24 -> 1')
  })

  it('when the order of environments was edited, so that it is no promotion any more', async () => {
    const world = imageWorld()
    await stage(world, 'v1')
    await validate(world.call)
    const { environments } = world.call.project
    const edited = configured(world.call, {
      environments: [...environments, fakeEnvironment('after')],
    })
    // What was production is now the environment before the last one.
    const { status, blockers } = await deploy(edited, 'v1')
    expect(status).toBe('blocked')
    expect(blockers!.at(-1)).toContain(
      'environments: [staging, production] -> [staging, production, after]',
    )
  })

  it('when production was changed by somebody else', async () => {
    const world = imageWorld()
    await stage(world, 'v1')
    await validate(world.call)
    world.pipeline.running.set('production', { sha: '9'.repeat(40), version: 'v9' })
    expect(await promote(world.call, 'v1')).toMatchObject({
      status: 'blocked',
      blockers: [
        `validated_plan: changed since it was validated: production runs v9 (999999999999) now, and ran nothing known${again}`,
      ],
    })
  })

  it('also when a person approved it in the meantime', async () => {
    const world = imageWorld()
    await stage(world, 'v1')
    await validate(world.call)
    const { approval } = await promote(world.call, 'v1')
    await approve(world, approval.id)
    world.registry.digests.set('registry.test/clinic/api:v1', digest('7'))
    expect(await promote(world.call, 'v1', { approval_token: approval.id })).toMatchObject({
      status: 'blocked',
      deployment_id: null,
    })
    expect(world.pipeline.running.has('production')).toBe(false)
  })
})

describe('a deployment goes ahead', () => {
  it('when nothing changed, and a second time into what already runs it', async () => {
    const world = imageWorld()
    await stage(world, 'v1')
    await validate(world.call)
    await promoteApproved(world, 'v1')
    expect(await promote(world.call, 'v1')).toMatchObject({ status: 'waiting_approval' })
    expect(await deploy(world.call, 'v1')).toMatchObject({ status: 'queued' })
  })

  it('when the validation is too old to count', async () => {
    const world = imageWorld()
    await stage(world, 'v1')
    await validate(world.call)
    world.pass(25 * hour)
    await stage(world, 'v1')
    world.registry.digests.set('registry.test/clinic/api:v1', digest('7'))
    const { blockers = [] } = await promote(world.call, 'v1')
    expect(blockers.filter((line) => line.startsWith('validated_plan'))).toEqual([])
  })
})
