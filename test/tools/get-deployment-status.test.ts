import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/core/failure.ts'
import type { Call } from '../../src/ports/context.ts'
import { getDeploymentStatus } from '../../src/tools/get-deployment-status.ts'
import { validateDeployment } from '../../src/tools/validate-deployment.ts'
import { hour, makeWorld } from '../support/fake-context.ts'
import { answer } from '../support/fake-ports.ts'
import { deploy, stage } from './support/journey.ts'

interface Status {
  deployment: Record<string, unknown> & { duration_ms: number }
  checks: { check_name: string }[]
  logs: string[]
  failure?: { cause: string }
  health_checks: Record<string, { status: string; message: string }>
  watched_by?: string | null
  next?: string
}

async function status(call: Call, deployment_id: string, more: Record<string, unknown> = {}) {
  const { output, summary } = await getDeploymentStatus.call({ deployment_id, ...more }, call)
  return { ...(output as unknown as Status), summary }
}

async function validated() {
  const world = makeWorld()
  await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, world.call)
  return world
}

describe('get_deployment_status', () => {
  it('shows a deployment with its checks, its log and the next call', async () => {
    const world = makeWorld()
    const { id } = await stage(world, 'v1')
    const result = await status(world.call, id)
    expect(result.deployment).toMatchObject({
      deployment_id: id,
      environment: 'staging',
      status: 'success',
      phase: 'ended',
      version: 'v1',
      initiated_by: 'agent:claude',
      health_status: 'healthy',
      logs_url: `file:///runs/${id}/log`,
    })
    expect(result.deployment.duration_ms).toBeGreaterThan(0)
    expect(result.checks.map(({ check_name }) => check_name)).toEqual([
      'live_version',
      'health',
      'smoke_tests',
    ])
    expect(result.logs).toEqual(['step one', 'step two'])
    expect(result.next).toBeUndefined()
    expect(result.summary).toBe('deploy of v1 to staging: success.')
  })

  it('shows on request every check that let it through, with all it saw', async () => {
    const world = makeWorld()
    const { id } = await stage(world, 'v1')
    const { checks } = await status(world.call, id, { checks: true })
    const seen = Object.fromEntries(checks.map((check) => [check.check_name, check]))
    expect(seen).toMatchObject({
      git_ref_valid: { status: 'passed', details: { sha: '1'.repeat(40) } },
      tests_passed: { status: 'passed', details: { commands: [{ name: 'unit', exit_code: 0 }] } },
      docker_images: { status: 'skipped', ran: false },
      release_not_held: { status: 'passed' },
      smoke_tests: { status: 'passed', details: { results: [{ name: 'home' }, {}] } },
    })
  })

  it('asks for health now, whatever it was at the end of the deployment', async () => {
    const world = makeWorld()
    const { id } = await stage(world, 'v1')
    const url = 'http://staging.test/health'
    world.probe.answers.set(url, answer(503))
    expect(await status(world.call, id)).toMatchObject({
      deployment: { health_status: 'healthy' },
      health_checks: { api: { status: 'unhealthy', message: 'answered 503' } },
    })
    world.probe.answers.delete(url)
    expect((await status(world.call, id)).health_checks['api']).toMatchObject({
      status: 'unhealthy',
      message: 'refused',
    })
    world.probe.answers.set(url, answer(204))
    expect((await status(world.call, id)).health_checks['api']?.status).toBe('healthy')
  })

  it('tells what failed where, and suggests no rollback from what never became current', async () => {
    const world = await validated()
    world.pipeline.ends = 'failed'
    const { deployment_id } = await deploy(world.call, 'v1')
    await world.drive(String(deployment_id))
    const result = await status(world.call, String(deployment_id))
    expect(result).toMatchObject({
      deployment: { status: 'failure', health_status: 'unknown' },
      failure: { phase: 'running', step: 'restart', cause: 'it exited with 1' },
    })
    expect(result.next).toBeUndefined()
    expect(result.summary).toContain('in running: restart: it exited with 1')
  })

  it('tells why nothing was started, to the end of what the platform answered', async () => {
    const world = await validated()
    const answered =
      'GitHub refuses POST /repos/acme/clinic/actions/workflows/cd.yml/dispatches (403)'
    const cause = `GitHub refused to start cd.yml: ${answered}: the token lacks actions=write`
    const message = `no run of dep_01m825ytdd3ha9cj8x9xa11r5z was started: ${cause}`
    world.pipeline.start = async () => {
      throw new Failure({ code: 'run_not_started', message, hint: 'gonogo doctor' })
    }
    const { deployment_id } = await deploy(world.call, 'v1')
    await world.drive(String(deployment_id))
    const { summary, failure } = await status(world.call, String(deployment_id))
    expect(failure?.cause).toBe(message)
    expect(summary).toContain('failure in starting: no run of dep_')
    expect(summary).toContain('the token lacks actions=write')
  })

  it('suggests a rollback from a bad release that is live, when something ran before', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    await validateDeployment.call({ environment: 'staging', git_ref: 'v2' }, world.call)
    world.probe.brokenStep = 'log in'
    const { deployment_id } = await deploy(world.call, 'v2')
    await world.drive(String(deployment_id))
    const result = await status(world.call, String(deployment_id))
    expect(result).toMatchObject({
      deployment: { status: 'failure', health_status: 'unhealthy' },
      failure: { phase: 'verifying', step: 'smoke_tests' },
      next: 'rollback_deployment staging with a reason',
    })
  })

  it('gives one that nobody watches a keeper', async () => {
    const world = await validated()
    const { deployment_id } = await deploy(world.call, 'v1')
    world.watched.length = 0
    const result = await status(world.call, String(deployment_id))
    expect(result.watched_by).toBe('keeper pid 7')
    expect(world.watched).toEqual([deployment_id])
    expect(result.next).toBe(`get_deployment_status ${deployment_id}`)
  })

  it('leaves one that somebody watches to them', async () => {
    const world = await validated()
    const { deployment_id } = await deploy(world.call, 'v1')
    const [owner, now] = ['keeper pid 8', world.call.runtime.now()]
    await world.call.store.write((tables) =>
      tables.deployments.claim({ owner, now, until: now + hour, id: String(deployment_id) }),
    )
    world.watched.length = 0
    expect((await status(world.call, String(deployment_id))).watched_by).toBe('keeper pid 8')
    expect(world.watched).toEqual([])
  })

  it('starts nothing in read-only mode', async () => {
    const world = await validated()
    const { deployment_id } = await deploy(world.call, 'v1')
    world.watched.length = 0
    await status({ ...world.call, readOnly: true }, String(deployment_id))
    expect(world.watched).toEqual([])
  })

  it('says so when no keeper could be started', async () => {
    const world = await validated()
    const keepers = {
      ...world.call.keepers,
      start: () => Promise.reject(new Error('no processes left')),
    }
    const started = await deploy({ ...world.call, keepers }, 'v1')
    expect(started.watched_by).toBeNull()
    expect(started.warnings).toContainEqual(
      expect.stringMatching(/nobody watches it .*no processes left.*gonogo keep dep_/),
    )
  })

  it('knows no other deployment', async () => {
    const { call } = makeWorld()
    await expect(status(call, 'dep_none')).rejects.toMatchObject({
      code: 'unknown_deployment',
      message: 'there is no deployment "dep_none"',
      hint: expect.stringContaining('list_deployments'),
    })
  })
})
