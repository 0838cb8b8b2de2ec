import { describe, expect, it } from 'vitest'
import type { Check } from '../../src/core/check.ts'
import { Failure } from '../../src/core/failure.ts'
import { finding } from '../support/findings.ts'
import type { Call } from '../../src/ports/context.ts'
import type { CheckRunner, CheckSubject } from '../../src/tools/checks/check-runner.ts'
import { securityScan } from '../../src/tools/checks/security-scan.ts'
import { testsPassed } from '../../src/tools/checks/tests-passed.ts'
import { validateDeployment } from '../../src/tools/validate-deployment.ts'
import { hour, makeWorld, type World } from '../support/fake-context.ts'
import { fakeEnvironment, fakeProject } from '../support/fake-project.ts'

interface Validation {
  valid: boolean | null
  checks: Check[]
  blockers: string[]
  warnings: string[]
  sha: string
  validated_at: string | null
}

async function validate(call: Call, args: Record<string, unknown> = {}) {
  const input = { environment: 'staging', git_ref: 'v1', ...args }
  const { output, summary } = await validateDeployment.call(input, call)
  const result = output as unknown as Validation
  const check = (name: string) => result.checks.find(({ check_name }) => check_name === name)!
  return { ...result, summary, check }
}

/** What a gate would find of a check of v1. */
async function stored({ call }: World, runner: CheckRunner) {
  const about = { check_name: runner.name, sha: '1'.repeat(40), environment: null, since: 0 }
  const subject = runner.evidenceKey!(call, {} as CheckSubject)!
  return await call.store.read((tables) => tables.evidence.latest({ ...about, subject }))
}

/** A project whose staging has these requirements. */
function requiring(checks: Partial<ReturnType<typeof fakeEnvironment>['checks']>) {
  const staging = fakeEnvironment('staging')
  const environments = [
    { ...staging, checks: { ...staging.checks, ...checks } },
    fakeEnvironment('production'),
  ]
  return fakeProject({ environments })
}

it('runs every check of exactly this commit and says what it is worth', async () => {
  const world = makeWorld()
  const result = await validate(world.call)
  expect(result.checks.map(({ check_name, status, ran }) => [check_name, status, ran])).toEqual([
    ['git_ref_valid', 'passed', true],
    ['tests_passed', 'passed', true],
    ['security_scan', 'passed', true],
    ['migrations_safe', 'skipped', false],
    ['environment_config', 'passed', true],
    ['docker_images', 'skipped', false],
    ['release_not_held', 'passed', true],
    ['environment_lock', 'passed', true],
  ])
  expect(result).toMatchObject({ valid: true, sha: '1'.repeat(40), blockers: [] })
  expect(result.summary).toBe('GO: v1 for staging is valid.')
  expect(result.warnings).toEqual([
    expect.stringMatching(/^migrations_safe: no migrations were found; if there are some, name/),
    'docker_images is off by configuration',
    'isolation: none (the release runs as the user gonogo runs as)',
  ])
})

describe('evidence', () => {
  it('of tests and scan is kept for the commit, whatever the environment', async () => {
    const world = makeWorld()
    await validate(world.call)
    const kept = [await stored(world, testsPassed), await stored(world, securityScan)]
    expect(kept).toMatchObject([
      { check: { status: 'passed', details: { commands: [{ name: 'unit' }] } } },
      { check: { status: 'passed' } },
    ])
  })

  it('of passed tests stands in for running them again, with its own age', async () => {
    const world = makeWorld()
    await validate(world.call)
    world.pass(hour)
    const again = await validate(world.call)
    expect(world.tests.runs).toBe(1)
    expect(again.check('tests_passed').message).toMatch(/\(recorded 2030-01-01T00:00.*\)$/)
    expect(again.valid).toBe(true)
  })

  it('of the scan does while it is fresh, since advisories appear', async () => {
    const world = makeWorld()
    await validate(world.call)
    await validate(world.call)
    expect(world.dependencies.scans).toBe(1)
    world.pass(24 * hour + 1)
    await validate(world.call)
    expect(world.dependencies.scans).toBe(2)
  })

  it.each<[string, (world: ReturnType<typeof makeWorld>) => Call, Record<string, unknown>]>([
    ['another commit', ({ call }) => call, { git_ref: 'v2' }],
    [
      'another command',
      ({ call }) => {
        const [test] = call.project.tests
        const tests = [{ ...test!, run: ['npm', 'test', '--', '--all'] }]
        return { ...call, project: { ...call.project, tests } }
      },
      {},
    ],
    [
      'results that are too old',
      (world) => {
        world.pass(24 * hour + 1)
        return world.call
      },
      {},
    ],
  ])('of passed tests is not used for %s', async (_, change, args) => {
    const world = makeWorld()
    await validate(world.call)
    await validate(change(world), args)
    expect(world.tests.runs).toBe(2)
  })

  it('of failed tests is not used: they may have been unlucky', async () => {
    const world = makeWorld()
    world.tests.outcome = { passed: false, exit_code: 1, output: ['1 of 3 failed'] }
    const first = await validate(world.call)
    expect(first.check('tests_passed')).toMatchObject({
      status: 'failed',
      message: 'unit exited with 1: mend the commit; to see it: npm test',
      details: { commands: [{ output: ['1 of 3 failed'] }] },
    })
    expect(first.summary).toMatch(/^NO-GO: v1 for staging: tests_passed: unit exited with 1: /)
    world.tests.outcome = {}
    expect((await validate(world.call)).valid).toBe(true)
  })
})

describe('a check that is skipped by a flag', () => {
  it.each([
    ['skip_tests', 'tests_passed'],
    ['skip_security_scan', 'security_scan'],
  ])('%s never satisfies the gate', async (flag, name) => {
    const world = makeWorld()
    // Even a fresh stored pass is not taken for what the caller asked to leave out.
    await validate(world.call)
    const result = await validate(world.call, { [flag]: true })
    expect(result.valid).toBe(false)
    expect(result.check(name)).toMatchObject({ status: 'skipped', ran: false })
    expect(result.blockers).toEqual([`${name}: skipped by ${flag}`])
  })

  it('is a warning where the check is advisory', async () => {
    const { call } = makeWorld({ project: requiring({ tests_passed: 'advisory' }) })
    const result = await validate(call, { skip_tests: true })
    expect(result.valid).toBe(true)
    expect(result.warnings).toContain('tests_passed: skipped by skip_tests')
  })
})

it('does not run what is off, and says so', async () => {
  const world = makeWorld({ project: requiring({ tests_passed: 'off', security_scan: 'off' }) })
  const result = await validate(world.call)
  expect(result.valid).toBe(true)
  expect(world.tests.runs + world.dependencies.scans).toBe(0)
  expect(result.warnings).toContain('tests_passed is off by configuration')
  expect(result.warnings).toContain('security_scan is off by configuration')
})

describe('a check that could not run', () => {
  it('fails where it is required', async () => {
    const world = makeWorld()
    world.tests.problem = new Failure({ code: 'missing_program', message: 'no npm', hint: '' })
    const result = await validate(world.call)
    expect(result.valid).toBe(false)
    expect(result.check('tests_passed')).toMatchObject({ status: 'failed', ran: false })
    expect(result.blockers).toEqual(['tests_passed: no npm'])
  })

  it('warns where it is advisory', async () => {
    const world = makeWorld({ project: requiring({ tests_passed: 'advisory' }) })
    world.tests.problem = new Error('no npm')
    const result = await validate(world.call)
    expect(result.valid).toBe(true)
    expect(result.check('tests_passed')).toMatchObject({ status: 'warning', ran: false })
  })

  it('leaves no evidence behind, neither for nor against', async () => {
    const world = makeWorld()
    world.tests.problem = new Error('no npm')
    await validate(world.call)
    expect(await stored(world, testsPassed)).toBeNull()
  })

  it('for want of configuration is not valid either', async () => {
    const { call } = makeWorld({ project: fakeProject({ tests: [] }) })
    const result = await validate(call)
    expect(result.blockers).toEqual([expect.stringContaining('no test commands are configured')])
  })
})

describe('the other checks', () => {
  it('refuse a commit that is not below the default branch', async () => {
    const world = makeWorld()
    world.source.strays.add('1'.repeat(40))
    const result = await validate(world.call)
    expect(result.blockers).toEqual([
      'git_ref_valid: v1 is not reachable from main: merge it first',
    ])
  })

  it.each([
    [{}, 'SESSION_SECRET is not set'],
    [{ SESSION_SECRET: 'short' }, 'SESSION_SECRET is shorter than 32 characters'],
  ])('name what is wrong with the variables %j, never their values', async (values, problem) => {
    const world = makeWorld({ variables: { of: async () => values } })
    const result = await validate(world.call)
    expect(result.check('environment_config')).toMatchObject({
      status: 'failed',
      message: `${problem}: correct env, env_file or pass_env of environments.staging`,
    })
    expect(JSON.stringify(result)).not.toContain('short"')
  })

  it('block on findings above the thresholds', async () => {
    const world = makeWorld()
    world.secrets.report = { ...world.secrets.report, findings: [finding('critical')] }
    const result = await validate(world.call)
    expect(result.blockers).toEqual([
      'security_scan: 1 critical finding(s), more than the 0 allowed: RULE-1 (src/a.js:3); update or remove them; gonogo scan v1 shows all',
    ])
  })
})

describe('a dry run', () => {
  it('says what would be run and contacted, runs nothing and decides nothing', async () => {
    const world = makeWorld()
    const result = await validate(world.call, { dry_run: true })
    expect(result.valid).toBeNull()
    expect(result.blockers).toEqual([])
    for (const check of result.checks)
      expect(check).toMatchObject({ status: 'skipped', ran: false })
    expect(result.check('tests_passed').message).toBe('dry run, would run npm test in a clean copy')
    expect(result.check('security_scan').message).toContain('look for dependencies with npm-audit')
    const would = result.checks.filter(({ details }) => details['would_run'] === true)
    expect(would.map(({ check_name }) => check_name)).toEqual([
      'git_ref_valid',
      'tests_passed',
      'security_scan',
      'migrations_safe',
      'environment_config',
      'environment_lock',
    ])
    expect(world.tests.runs + world.dependencies.scans + world.secrets.scans).toBe(0)
    expect(world.probe.asked).toEqual([])
    expect(result.summary).toBe('Dry run: nothing was checked for v1 for staging.')
  })

  it('has not validated anything, so it carries no time of validation', async () => {
    const { call } = makeWorld()
    expect((await validate(call, { dry_run: true })).validated_at).toBeNull()
  })
})

it('refuses an unknown environment and an unknown ref with what to do', async () => {
  const { call } = makeWorld()
  await expect(validate(call, { environment: 'stagin' })).rejects.toMatchObject({
    code: 'unknown_environment',
    message: 'environment "stagin" is not configured, did you mean staging?',
    hint: expect.stringContaining('staging, production'),
  })
  await expect(validate(call, { git_ref: 'nowhere' })).rejects.toMatchObject({
    code: 'unknown_version',
  })
})

describe('the checks of a validation', () => {
  /** Tests and scan each wait for the other to have begun: one after the other they would never end. */
  it('run at the same time', async () => {
    const world = makeWorld()
    const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
    const tests = { ...world.tests, run: world.tests.run.bind(world.tests) }
    const meeting: Call = {
      ...world.call,
      tests: {
        async run(...args) {
          begun[0].resolve()
          await begun[1].promise
          return await tests.run(...args)
        },
      },
      scanners: [
        {
          ...world.secrets,
          async scan(...args) {
            begun[1].resolve()
            await begun[0].promise
            return await world.secrets.scan(...args)
          },
        },
      ],
    }
    expect((await validate(meeting)).valid).toBe(true)
  })

  it('are reported as they end, each with how long it took', async () => {
    const world = makeWorld()
    const told: [string, number | undefined, number | undefined][] = []
    const { checks } = await validate({
      ...world.call,
      tests: {
        async run(...args) {
          world.pass(1500)
          return await world.tests.run(...args)
        },
      },
      progress: (message, done, total) => told.push([message, done, total]),
    })
    const work = told.filter(([text]) => text.startsWith('at work: '))
    expect(work.map(([, done]) => done)).toEqual(work.map((_, index) => index))
    expect(work[0]?.[0]).toMatch(/git_ref_valid, tests_passed, security_scan/)
    expect(work.at(-1)?.[0]).not.toContain(',')
    expect(checks.find(({ check_name }) => check_name === 'tests_passed')).toMatchObject({
      duration_ms: 1500,
    })
  })

  it.each([
    ['one', { check_timeout_seconds: 1.5, timeout_seconds: 60 }],
    ['all', { check_timeout_seconds: 60, timeout_seconds: 1.5 }],
  ])('end at the limit of %s, and what did not end could not run', async (_, validation) => {
    const world = makeWorld()
    const project = fakeProject({ validation })
    const result = await validate({
      ...world.call,
      project,
      tests: { run: () => new Promise<never>(() => undefined) },
    })
    expect(result.check('tests_passed')).toMatchObject({ status: 'failed', ran: false })
    expect(result.check('tests_passed').message).toMatch(/raise validation\.check_timeout_seconds/)
    expect(result.check('security_scan').status).toBe('passed')
    expect(result.valid).toBe(false)
  })
})
