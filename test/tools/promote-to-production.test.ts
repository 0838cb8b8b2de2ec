import { describe, expect, it } from 'vitest'
import { approvalNamespace } from '../../src/core/approval.ts'
import { validateDeployment } from '../../src/tools/validate-deployment.ts'
import { keep } from '../../src/workers/keeper.ts'
import { hour, makeWorld } from '../support/fake-context.ts'
import { answer, release as releaseOf } from '../support/fake-ports.ts'
import { fakeEnvironment, fakeProject } from '../support/fake-project.ts'
import { finding } from '../support/findings.ts'
import { approve, deploy, promote, promoteApproved, release, stage } from './support/journey.ts'

const locksOf = async (call: ReturnType<typeof makeWorld>['call']) =>
  await call.store.read((tables) => tables.locks.get('production'))

it('puts into production what staging has proven and a person approved', async () => {
  const world = makeWorld()
  await stage(world, 'v1')
  const asked = await promote(world.call, 'v1')
  expect(asked).toMatchObject({
    status: 'waiting_approval',
    deployment_id: null,
    staging_version: 'v1',
    production_version: null,
    initiated_at: null,
    approval: {
      id: expect.stringMatching(/^apr_/),
      state: 'open',
      command: `gonogo approve ${asked.approval.id}`,
      level_wanted: 'L0',
    },
  })
  expect(world.pipeline.running.has('production')).toBe(false)
  await approve(world, asked.approval.id)
  const started = await promote(world.call, 'v1', { approval_token: asked.approval.id })
  expect(started).toMatchObject({ status: 'queued', watched_by: 'keeper pid 7' })
  const ended = await world.drive(String(started.deployment_id))
  expect(ended).toMatchObject({
    status: 'success',
    kind: 'promotion',
    verified: true,
    health_status: 'healthy',
    approval_id: asked.approval.id,
  })
  expect(world.pipeline.running.get('production')).toEqual(releaseOf('1'))
  expect(await locksOf(world.call)).toBeNull()
})

describe('the gates', () => {
  it('want staging to run this very release', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    await stage(world, 'v2')
    expect(await promote(world.call, 'v1')).toMatchObject({
      status: 'blocked',
      deployment_id: null,
      blockers: ['runs_on_staging: staging runs v2, not v1: deploy it there first'],
    })
  })

  it('want it even if the smoke tests are waived', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    await stage(world, 'v2')
    const { blockers } = await promote(world.call, 'v1', { skip_smoke_tests: true })
    expect(blockers).toEqual([expect.stringContaining('runs_on_staging')])
  })

  it('believe the live system more than the records', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const body = JSON.stringify({ commit: releaseOf('9').sha })
    world.probe.answers.set('http://staging.test/version', answer(200, body))
    const { blockers } = await promote(world.call, 'v1')
    expect(blockers).toEqual([
      `runs_on_staging: staging reports ${'9'.repeat(40)}, but the records say v1`,
    ])
  })

  it('do not guess what runs when the live system is silent', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    world.probe.answers.delete('http://staging.test/version')
    const { blockers } = await promote(world.call, 'v1')
    expect(blockers).toEqual([
      'runs_on_staging: http://staging.test/version did not answer: refused',
    ])
  })

  it('want passed smoke tests of this release on staging', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    await validateDeployment.call({ environment: 'staging', git_ref: 'v2' }, world.call)
    world.pipeline.running.set('staging', releaseOf('2'))
    const { blockers } = await promote(world.call, 'v2')
    expect(blockers).toEqual([
      'staging_smoke_tests: v2 was not smoke-tested on staging: run run_smoke_tests',
    ])
  })

  it('take the failed smoke test that came last, not the passed one before', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    world.pass(1000)
    world.probe.brokenStep = 'home'
    await stage(world, 'v1')
    const { blockers } = await promote(world.call, 'v1')
    expect(blockers).toContain('staging_smoke_tests: home: answered 500')
  })

  it('let skip_smoke_tests waive the proof alone, and say so to the approver', async () => {
    const world = makeWorld()
    await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, world.call)
    world.pipeline.running.set('staging', releaseOf('1'))
    const asked = await promote(world.call, 'v1', { skip_smoke_tests: true })
    expect(asked.status).toBe('waiting_approval')
    expect(asked.warnings).toContain('staging_smoke_tests: waived by skip_smoke_tests')
    const dry = await promote(world.call, 'v1', { skip_smoke_tests: true, dry_run: true })
    expect(dry.plan.skips).toEqual(['skip_smoke_tests'])
    expect(dry.plan.verify).toBe('basic')
  })

  it('verify after the promotion even if the proof before it was waived', async () => {
    const world = makeWorld()
    await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, world.call)
    world.pipeline.running.set('staging', releaseOf('1'))
    const waived = { skip_smoke_tests: true }
    const { approval } = await promote(world.call, 'v1', waived)
    await approve(world, approval.id)
    world.probe.brokenStep = 'log in'
    const args = { ...waived, approval_token: approval.id }
    const { deployment_id } = await promote(world.call, 'v1', args)
    expect(await world.drive(String(deployment_id))).toMatchObject({
      status: 'failure',
      health_status: 'unhealthy',
      fault: { phase: 'verifying', step: 'smoke_tests', cause: 'log in: answered 500' },
    })
  })

  it('refuse evidence that is older than a day, and name what to run', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    world.pass(25 * hour)
    const { blockers } = await promote(world.call, 'v1')
    expect(blockers).toEqual([
      'tests_passed: no result for v1 within 24 h: run validate_deployment',
      'security_scan: no result for v1 within 24 h: run validate_deployment',
      'staging_smoke_tests: v1 was not smoke-tested on staging: run run_smoke_tests',
    ])
  })

  it('follow evidence_hours', async () => {
    const world = makeWorld({ project: fakeProject({ evidence_hours: 1 }) })
    await stage(world, 'v1')
    world.pass(2 * hour)
    const { blockers } = await promote(world.call, 'v1')
    expect(blockers?.[0]).toContain('within 1 h')
  })

  it('refuse what is held after a rollback', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    await world.call.store.write((tables) =>
      tables.holds.insert({
        environment: 'production',
        ...releaseOf('1'),
        reason: 'lost bookings',
        since: 0,
      }),
    )
    const { blockers } = await promote(world.call, 'v1')
    expect(blockers).toEqual([
      expect.stringMatching(/lost bookings.*gonogo hold lift production v1/),
    ])
  })

  it('refuse a failed scan', async () => {
    const world = makeWorld()
    world.secrets.report = { ...world.secrets.report, findings: [finding('critical')] }
    await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, world.call)
    world.pipeline.running.set('staging', releaseOf('1'))
    const { status, blockers } = await promote(world.call, 'v1')
    expect(status).toBe('blocked')
    expect(blockers).toContainEqual(
      expect.stringMatching(
        /^security_scan: 1 critical finding\(s\), more than the 0 allowed: RULE-1/,
      ),
    )
  })

  it('say what is off', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    expect((await promote(world.call, 'v1')).warnings).toContain(
      'docker_images is off by configuration',
    )
  })
})

describe('a dry run', () => {
  it('shows the plan and the reason it would not be accepted, and stores nothing', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const result = await promote(world.call, 'v1', { dry_run: true })
    expect(result).toMatchObject({
      status: 'dry_run',
      deployment_id: null,
      accepted: 'not yet: a person has to approve',
      plan: {
        action: 'promote',
        environment: 'production',
        release: releaseOf('1'),
        from: null,
        pipeline: { target: '/srv/production' },
      },
    })
    const requests = await world.call.store.read((tables) => tables.approvals.list({ limit: 10 }))
    expect(requests).toEqual([])
  })

  it('plans exactly what the real call is approved for', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const dry = await promote(world.call, 'v1', { dry_run: true })
    expect((await promote(world.call, 'v1')).plan_hash).toBe(dry.plan_hash)
  })

  it('tells what a token is worth without using it up', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const { approval } = await promote(world.call, 'v1')
    await approve(world, approval.id)
    const args = { approval_token: approval.id, dry_run: true }
    expect((await promote(world.call, 'v1', args)).accepted).toBe('yes: approved by ada (L1)')
    expect((await promote(world.call, 'v1', args)).accepted).toBe('yes: approved by ada (L1)')
    const wrong = await promote(world.call, 'v1', { approval_token: 'nonsense', dry_run: true })
    expect(wrong.accepted).toBe('no: Invalid approval token for production deployment')
  })

  it('that is blocked says by what', async () => {
    const { call } = makeWorld()
    const result = await promote(call, 'v1', { dry_run: true })
    expect(result).toMatchObject({ status: 'dry_run', accepted: 'no: blocked' })
    expect(result.blockers?.length).toBeGreaterThan(0)
  })
})

describe('the request for approval', () => {
  it('is one per environment and requester: the same plan gets the same one back', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const first = await promote(world.call, 'v1')
    expect((await promote(world.call, 'v1')).approval.id).toBe(first.approval.id)
  })

  it('is replaced by one for another plan', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const first = await promote(world.call, 'v1')
    const other = await promote(world.call, 'v1', { skip_smoke_tests: true })
    expect(other.approval.id).not.toBe(first.approval.id)
    await expect(approve(world, first.approval.id)).rejects.toThrow('is superseded')
  })

  it('of another requester is left alone', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const first = await promote(world.call, 'v1')
    const bob = world.as({ kind: 'human', name: 'bob' })
    const second = await promote(bob, 'v1')
    expect(second.approval.id).not.toBe(first.approval.id)
    await expect(approve(world, first.approval.id)).resolves.toMatchObject({ approver: 'ada' })
  })

  it('runs out, and the next call makes a new one', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const first = await promote(world.call, 'v1')
    world.pass(30 * 60_000)
    expect((await promote(world.call, 'v1')).approval.id).not.toBe(first.approval.id)
  })

  it('names project, commit, plan and requester in what is signed', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const { approval, plan_hash } = await promote(world.call, 'v1')
    const stored = await world.call.store.read((tables) => tables.approvals.get(approval.id))
    expect(stored?.request).toMatchObject({
      format: `${approvalNamespace}-v2`,
      action: 'promote',
      project: 'clinic',
      environment: 'production',
      commit: releaseOf('1').sha,
      plan_hash,
      requester: 'agent:claude',
      nonce: expect.stringMatching(/^nonce_/),
    })
  })

  it('tells when nobody can approve yet', async () => {
    const world = makeWorld()
    world.approvers.known = []
    await stage(world, 'v1')
    expect((await promote(world.call, 'v1')).warnings).toContainEqual(
      expect.stringContaining('gonogo approver add'),
    )
  })
})

describe('while a deployment is under way', () => {
  it('a second one is refused by name of the holder, before its approval is used', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const { approval } = await promote(world.call, 'v1')
    await approve(world, approval.id)
    const bob = world.as({ kind: 'human', name: 'bob' })
    const his = await promote(bob, 'v1')
    await approve(world, his.approval.id)
    const { deployment_id } = await promote(world.call, 'v1', { approval_token: approval.id })
    await expect(promote(bob, 'v1', { approval_token: his.approval.id })).rejects.toMatchObject({
      code: 'environment_busy',
      message: expect.stringContaining('production is locked by agent:claude'),
      retryable: true,
      details: { deployment_id },
    })
    const kept = await world.call.store.read((tables) => tables.approvals.get(his.approval.id))
    expect(kept?.state).toBe('approved')
  })

  it('the same request gets the same deployment, now and later', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const { approval } = await promote(world.call, 'v1')
    await approve(world, approval.id)
    const args = { approval_token: approval.id }
    const { deployment_id } = await promote(world.call, 'v1', args)
    const again = await promote(world.call, 'v1', args)
    expect(again.deployment_id).toBe(deployment_id)
    expect(again.warnings).toContainEqual(expect.stringContaining('nothing new was started'))
    await world.drive(String(deployment_id))
    const later = await promote(world.call, 'v1', args)
    expect(later.deployment_id).toBe(deployment_id)
    expect(later.warnings).toContain('it ended as success')
    expect(world.pipeline.runs.size).toBe(2)
  })

  it('the same staging deployment is joined', async () => {
    const world = makeWorld()
    await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, world.call)
    const first = await deploy(world.call, 'v1')
    const again = await deploy(world.call, 'v1')
    expect(again.deployment_id).toBe(first.deployment_id)
  })
})

it('estimates from its own history, and not at all without one', async () => {
  const world = makeWorld()
  await stage(world, 'v1')
  expect((await promote(world.call, 'v1')).estimated_duration_minutes).toBeNull()
  await promoteApproved(world, 'v1')
  await release(world, 'v2')
  await stage(world, 'v3')
  expect((await promote(world.call, 'v3')).estimated_duration_minutes).toBeGreaterThan(0)
})

it('without a pipeline starts nothing and says how to get one', async () => {
  const { call } = makeWorld({ pipeline: null })
  const configured = (config_file: string | null) =>
    promote({ ...call, project: { ...call.project, config_file } }, 'v1')
  await expect(configured(null)).rejects.toMatchObject({
    code: 'no_pipeline_configured',
    hint: expect.stringContaining('gonogo init'),
  })
  await expect(configured('/srv/gonogo.yaml')).rejects.toMatchObject({
    hint: expect.stringMatching(/add "pipeline: github" or .* to \/srv\/gonogo\.yaml/),
  })
})

it('does not happen if the intent cannot be written down', async () => {
  const world = makeWorld()
  await stage(world, 'v1')
  const { approval } = await promote(world.call, 'v1')
  await approve(world, approval.id)
  const full = { ...world.call.audit, append: () => Promise.reject(new Error('no space left')) }
  const args = { approval_token: approval.id }
  await expect(promote({ ...world.call, audit: full }, 'v1', args)).rejects.toThrow('no space left')
  expect(await locksOf(world.call)).toBeNull()
  const { deployment_id } = await promote(world.call, 'v1', args)
  expect((await world.drive(String(deployment_id))).status).toBe('success')
})

it('gives the approval back when the run provably never started', async () => {
  const world = makeWorld()
  await stage(world, 'v1')
  const { approval } = await promote(world.call, 'v1')
  await approve(world, approval.id)
  const args = { approval_token: approval.id }
  const { deployment_id } = await promote(world.call, 'v1', args)
  const changed = { ...world.call, policyHash: '0'.repeat(64) }
  const lease = { owner: 'keeper pid 7', ms: 24 * hour }
  await keep(changed, lease, String(deployment_id), () => undefined)
  const state = await world.call.store.read((tables) => tables.approvals.get(approval.id))
  expect(state).toMatchObject({ state: 'approved', consumed_by: null })
  expect(await locksOf(world.call)).toBeNull()
})

it('wants an approval for staging too where the environment says so', async () => {
  const environments = [
    fakeEnvironment('staging', { approval: 'required' }),
    fakeEnvironment('production'),
  ]
  const world = makeWorld({ project: fakeProject({ environments }) })
  await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, world.call)
  expect((await deploy(world.call, 'v1')).status).toBe('waiting_approval')
})

it('does not promise smoke tests to the approver that nothing could run', async () => {
  const world = makeWorld()
  await stage(world, 'v1')
  const environments = world.call.project.environments.map((environment) =>
    environment.name === 'production' ? { ...environment, url: null } : environment,
  )
  world.call.project = { ...world.call.project, environments }
  const { plan } = await promote(world.call, 'v1', { dry_run: true })
  expect(plan).toMatchObject({ verify: 'off' })
  expect(plan.warnings).toContain('no smoke tests decide the outcome')
})

it('tells the approver that a tag names another commit than the one that runs', async () => {
  const world = makeWorld()
  await stage(world, 'v2')
  world.pipeline.running.set('production', { sha: '9'.repeat(40), version: 'v2' })
  const { plan } = await promote(world.call, 'v2', { dry_run: true })
  expect(plan.warnings).toContain('v2 names another commit than the v2 that runs now')
})
