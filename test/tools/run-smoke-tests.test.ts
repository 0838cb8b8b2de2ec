import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/ports/context.ts'
import { runSmokeTests } from '../../src/tools/run-smoke-tests.ts'
import { smokeSubject } from '../../src/tools/support/evidence.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { answer, release, smokeResult } from '../support/fake-ports.ts'
import { fakeEnvironment, fakeProject, smokeStep, smokeSuites } from '../support/fake-project.ts'

interface Smoke {
  passed: boolean | null
  version: string | null
  results: { name: string; ran: boolean; passed: boolean | null; message: string }[]
  warnings: string[]
  executed_at: string | null
}

async function smoke(call: Call, args: Record<string, unknown> = {}) {
  const { output, summary } = await runSmokeTests.call({ environment: 'staging', ...args }, call)
  return { ...(output as unknown as Smoke), summary }
}

/** What the gate before production would find for a release. */
async function proof({ call }: World, digit: string) {
  const subject = smokeSubject(call, call.project.environments[0]!)
  const about = { check_name: 'smoke_tests', environment: 'staging', since: 0 }
  return await call.store.read((tables) =>
    tables.evidence.latest({ ...about, sha: release(digit).sha, subject }),
  )
}

function worldRunning(digit: string): World {
  const world = makeWorld()
  world.pipeline.running.set('staging', release(digit))
  return world
}

it('proves the release that is live', async () => {
  const world = worldRunning('1')
  const result = await smoke(world.call)
  expect(result).toMatchObject({ passed: true, version: 'v1', warnings: [] })
  expect(result.summary).toBe('GO: 2 basic smoke tests on staging passed.')
  expect(await proof(world, '1')).toMatchObject({ check: { status: 'passed' } })
  expect(await proof(world, '2')).toBeNull()
})

it('runs the basic steps as part of the full suite, which proves as much', async () => {
  const world = worldRunning('1')
  const result = await smoke(world.call, { test_suite: 'full' })
  expect(result.results.map(({ name }) => name)).toEqual(['home', 'log in', 'report'])
  expect(await proof(world, '1')).toMatchObject({ check: { details: { suite: 'full' } } })
})

it('names the step that failed and which ones were not run', async () => {
  const world = worldRunning('1')
  world.probe.brokenStep = 'home'
  const result = await smoke(world.call)
  expect(result.passed).toBe(false)
  expect(result.summary).toBe('NO-GO: basic smoke tests on staging: home: answered 500')
  expect(result.results[1]).toMatchObject({ name: 'log in', ran: false, passed: false })
  expect(await proof(world, '1')).toMatchObject({ check: { status: 'failed' } })
})

describe('is not kept as evidence when', () => {
  it('the live system reports another release than the records', async () => {
    const world = worldRunning('1')
    const commit = release('2').sha
    world.probe.answers.set('http://staging.test/version', answer(200, JSON.stringify({ commit })))
    const result = await smoke(world.call)
    expect(result.passed).toBe(true)
    expect(result.warnings).toEqual([
      `staging reports ${commit}, but the records say v1: not kept as evidence`,
    ])
    expect(await proof(world, '1')).toBeNull()
    expect(await proof(world, '2')).toBeNull()
  })

  it('the environment changed during the tests', async () => {
    const world = worldRunning('1')
    world.probe.duringSmoke = () => void world.pipeline.running.set('staging', release('2'))
    const result = await smoke(world.call)
    expect(result.warnings).toEqual([
      'the environment changed during the tests: not kept as evidence',
    ])
    expect(await proof(world, '2')).toBeNull()
  })

  it('nobody knows what runs', async () => {
    const world = makeWorld()
    const environments = world.call.project.environments.map((environment) => ({
      ...environment,
      version: null,
    }))
    world.call.project = { ...world.call.project, environments }
    expect((await smoke(world.call)).warnings).toEqual([
      'what runs there is unknown: not kept as evidence',
    ])
  })

  it('the live system does not say what it runs', async () => {
    const world = worldRunning('1')
    world.probe.answers.set('http://staging.test/version', answer(503))
    expect((await smoke(world.call)).warnings).toEqual([
      'http://staging.test/version answered 503: not kept as evidence',
    ])
  })

  it('the records were wrong when it began, whatever it says at the end', async () => {
    const world = worldRunning('1')
    const [other, same] = ['2', '1'].map((digit) => JSON.stringify({ commit: digit.repeat(40) }))
    const answers = [answer(200, other), answer(200, same)]
    world.probe.answers.set('http://staging.test/version', () => answers.shift() ?? answer(500))
    const { warnings } = await smoke(world.call)
    expect(warnings).toEqual([expect.stringContaining('not kept as evidence')])
  })
})

it('is asked about the release that the records name, with every list of the suite', async () => {
  const world = worldRunning('1')
  const smokeLists = smokeSuites({
    setup: [smokeStep('make')],
    basic: [smokeStep('home')],
    teardown: [smokeStep('clear')],
    teardown_seconds: 7,
    allowed_hosts: ['auth.test'],
    concurrency: 3,
  })
  world.call.project = { ...world.call.project, smoke: smokeLists }
  await smoke(world.call)
  expect(world.probe.smoked).toMatchObject({
    release: release('1'),
    versionPath: 'commit',
    setup: [{ name: 'make' }],
    steps: [{ name: 'home' }],
    teardown: [{ name: 'clear' }],
    teardownTimeoutMs: 7000,
    allowedHosts: ['staging.test:80', 'staging.test:80', 'auth.test'],
    concurrency: 3,
    exchange: false,
  })
})

describe('what does not decide is a warning', () => {
  it('a pass at a later attempt is told as flaky', async () => {
    const world = worldRunning('1')
    world.probe.smokeResults = [
      smokeResult(smokeStep('home'), { flaky: true, attempts: 3 }),
      smokeResult(smokeStep('log in')),
    ]
    const result = await smoke(world.call)
    expect(result).toMatchObject({
      passed: true,
      warnings: ['flaky: home passed only at attempt 3'],
      summary: 'GO: 2 basic smoke tests on staging passed, 1 of them flaky: only after a retry.',
    })
    expect((await proof(world, '1'))?.check.message).toBe(
      '2 basic smoke test(s) passed on staging; flaky: home passed only at attempt 3',
    )
  })

  it('a teardown that failed takes nothing away from what was tested', async () => {
    const world = worldRunning('1')
    world.probe.smokeResults = [
      smokeResult(smokeStep('make'), { phase: 'setup' }),
      smokeResult(smokeStep('home')),
      smokeResult(smokeStep('clear'), { phase: 'teardown', passed: false, message: 'got 500' }),
    ]
    const result = await smoke(world.call)
    expect(result).toMatchObject({
      passed: true,
      warnings: ['teardown: clear: got 500'],
      summary: 'GO: 1 basic smoke tests on staging passed.',
    })
    expect(await proof(world, '1')).toMatchObject({ check: { status: 'passed' } })
  })

  it('but a setup that failed decides', async () => {
    const world = worldRunning('1')
    world.probe.smokeResults = [
      smokeResult(smokeStep('make'), { phase: 'setup', passed: false, message: 'got 500' }),
      smokeResult(smokeStep('home'), { passed: false, ran: false, attempts: 0 }),
    ]
    const result = await smoke(world.call)
    expect(result.summary).toBe('NO-GO: basic smoke tests on staging: make: got 500')
    expect(await proof(world, '1')).toMatchObject({ check: { status: 'failed' } })
  })
})

it('shows what a failing step sent and got to whoever asked, and keeps none of it', async () => {
  const world = worldRunning('1')
  const exchange = { request: 'GET /home HTTP/1.1', answer: 'HTTP/1.1 500' }
  world.probe.smokeResults = [smokeResult(smokeStep('home'), { passed: false, exchange })]
  const { results } = await smoke(world.call, { exchange: true })
  expect(world.probe.smoked).toMatchObject({ exchange: true })
  expect(results[0]).toMatchObject({ exchange })
  expect(JSON.stringify(await proof(world, '1'))).not.toContain('HTTP/1.1')
})

it.each([
  ['a step', { smoke: smokeSuites({ basic: [smokeStep('home', { path: '/other' })] }) }],
  ['a teardown', { smoke: smokeSuites({ teardown: [smokeStep('clear')] }) }],
  ['an allowed host', { smoke: smokeSuites({ allowed_hosts: ['x.test'] }) }],
  ['the place of the version', { environments: [fakeEnvironment('staging', { version: null })] }],
])('proves nothing about another configuration: %s', (_, changes) => {
  const { call } = makeWorld()
  const subject = smokeSubject(call, call.project.environments[0]!)
  call.project = { ...call.project, ...changes }
  expect(smokeSubject(call, call.project.environments[0]!)).not.toBe(subject)
})

it('sends nothing in a dry run and says what it would send', async () => {
  const world = worldRunning('1')
  const result = await smoke(world.call, { dry_run: true })
  expect(world.probe.asked).toEqual([])
  expect(result).toMatchObject({ passed: null, executed_at: null })
  expect(result.results).toEqual([
    expect.objectContaining({
      name: 'home',
      ran: false,
      passed: null,
      message: 'dry run, would send GET http://staging.test/home',
    }),
    expect.objectContaining({ name: 'log in', ran: false }),
  ])
})

it('a dry run of the basic suite names no clearing up of what only the full one makes', async () => {
  const clear = smokeStep('clear', { path: '/orders/{{order}}' })
  const order = smokeStep('order', { capture: { order: 'id' } })
  const suites = { basic: [smokeStep('home')], full: [order], teardown: [clear] }
  const { call } = makeWorld({ project: fakeProject({ smoke: smokeSuites(suites) }) })
  const names = async (test_suite: 'basic' | 'full') =>
    (await smoke(call, { test_suite, dry_run: true })).results.map(({ name }) => name)
  expect(await names('basic')).toEqual(['home'])
  expect(await names('full')).toEqual(['home', 'order', 'clear'])
})

it.each([
  ['an environment without a url', { environments: [fakeEnvironment('staging', { url: null })] }],
  ['a project without smoke tests', { smoke: smokeSuites() }],
])('refuses %s instead of passing it', async (_, changes) => {
  const { call } = makeWorld({ project: fakeProject(changes) })
  await expect(smoke(call)).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('smoke tests could not run'),
  })
})

it.each([29, 1801, 30.5])('refuses a time limit of %d seconds', async (timeout_seconds) => {
  const { call } = makeWorld()
  await expect(smoke(call, { timeout_seconds })).rejects.toThrow('timeout_seconds')
})
