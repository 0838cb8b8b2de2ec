import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createGitSource } from '../../../src/adapters/git/source.ts'
import { createGitHubClient } from '../../../src/adapters/github/client/client.ts'
import { createCommitRecords } from '../../../src/adapters/github/commit-records.ts'
import { createTestReports } from '../../../src/adapters/junit/test-reports.ts'
import { allowedEnvironment } from '../../../src/adapters/process/environment.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import { createTestRunner } from '../../../src/adapters/tests/test-runner.ts'
import type { Requirement } from '../../../src/core/check.ts'
import type { GitHubSettings, PlatformSuite, TestCommand } from '../../../src/core/project.ts'
import type { Call } from '../../../src/ports/context.ts'
import type { Runtime } from '../../../src/ports/runtime.ts'
import type { CheckSubject } from '../../../src/tools/checks/check-runner.ts'
import { testsPassed } from '../../../src/tools/checks/tests-passed.ts'
import type { Hub, HubCheck, JobOutcome } from '../../hub/hub.ts'
import { startHub } from '../../hub/start.ts'
import { zipOf } from '../../adapters/github/logs/zip.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeProject } from '../../support/fake-project.ts'
import { makeRepository, type Repository } from '../../support/repository.ts'

const never = new AbortController().signal

let repository: Repository
let directory: string

beforeAll(async () => {
  repository = await makeRepository()
  directory = await mkdtemp(join(tmpdir(), 'gonogo-tests-passed-'))
})

afterAll(async () => {
  await repository.remove()
  await rm(directory, { recursive: true, force: true })
})

function subjectOf(call: Call, sha: string, more: Partial<CheckSubject> = {}): CheckSubject {
  const release = { sha, version: 'v1', git_ref: 'v1', kind: 'tag', subject: 's' } as const
  const now = { release: null, source: null, live: { asked: false }, drift: null } as const
  const environment = call.project.environments[0]!
  const dated = { ...release, committed_at: '2030-01-01T00:00:00Z' }
  return { environment, release: dated, now, allowOlder: false, ...more }
}

function requiring(requirement: Requirement, changes: Parameters<typeof fakeProject>[0]) {
  const project = fakeProject(changes)
  const environments = project.environments.map((environment) => ({
    ...environment,
    checks: { ...environment.checks, tests_passed: requirement },
  }))
  return { ...project, environments }
}

const green = '<testsuite><testcase name="a"/><testcase name="b"><skipped/></testcase></testsuite>'
const red = '<testsuite><testcase name="pays"><failure message="declined"/></testcase></testsuite>'

/** A command whose code is in the commit, with its report. */
function command(name: string, code: string, changes: Partial<TestCommand> = {}): TestCommand {
  const argv = [process.execPath, '-e', code]
  return { name, run: argv, directory: '.', timeout_seconds: 20, junit: null, ...changes }
}

const write = (text: string) => `require('fs').writeFileSync('r.xml', ${JSON.stringify(text)})`

async function runCommands(tests: TestCommand[], requirement: Requirement = 'required') {
  const processes = createProcesses()
  const deps = { processes, env: allowedEnvironment() }
  const source = createGitSource({
    repository: repository.directory,
    defaultBranch: null,
    ...deps,
  })
  const runtime = createRuntime()
  const reports = createTestReports()
  const { call } = makeWorld({
    project: requiring(requirement, { tests }),
    tests: createTestRunner({ directory, source, processes, runtime, reports }),
  })
  const sha = await repository.commit({ a: String(tests.length) })
  return { sha, check: await testsPassed.run(subjectOf(call, sha), call, never) }
}

function suite(name: string, changes: Partial<PlatformSuite> = {}): PlatformSuite {
  const nothing = { job: null, junit_artifact: null, counts_check: null }
  return { name, workflow: `${name}.yml`, ...nothing, ...changes }
}

describe('the commands of the project, run for a real commit', () => {
  it('pass, with the counts of those that write a report, and none of the others', async () => {
    const unit = command('unit', write(green), { junit: 'r.xml' })
    const { check, sha } = await runCommands([command('lint', ''), unit])
    expect(check).toMatchObject({
      status: 'passed',
      ran: true,
      message: '2 test command(s) passed: unit 1 passed, 1 skipped',
      details: {
        sha,
        commands: [
          { name: 'lint', report: null },
          { name: 'unit', report: { counts: { passed: 1, failed: 0, skipped: 1 } } },
        ],
      },
    })
  })

  it.each<[string, TestCommand, RegExp]>([
    [
      'it exits badly',
      command('unit', 'console.log("why"); process.exit(3)'),
      /^unit exited with 3: mend the commit; to see it: .*node -e/,
    ],
    [
      'its report says so, whatever its exit code',
      command('unit', write(red), { junit: 'r.xml' }),
      /^unit ended well, but its report says otherwise: 1 of 1 tests failed: pays; to see it: /,
    ],
    [
      'its report names what failed',
      command('unit', `${write(red)}; process.exit(1)`, { junit: 'r.xml' }),
      /^unit exited with 1: 1 of 1 tests failed: pays/,
    ],
    [
      'no test ran',
      command('unit', write('<testsuites/>'), { junit: 'r.xml' }),
      /^unit ended well, and no test ran: correct what it runs in gonogo\.yaml$/,
    ],
  ])('fail when %s', async (_, one, message) => {
    const { check } = await runCommands([one])
    expect(check).toMatchObject({ status: 'failed', ran: true })
    expect(check.message).toMatch(message)
  })

  it('fail when one takes too long', async () => {
    const world = makeWorld()
    world.tests.outcome = { passed: false, timed_out: true, exit_code: null }
    const check = await testsPassed.run(subjectOf(world.call, 'a'.repeat(40)), world.call, never)
    expect(check).toMatchObject({
      status: 'failed',
      ran: true,
      message: 'unit ran into its time limit of 60 s: make it faster, or raise its timeout_seconds',
    })
  })

  it('could not run when the report is not there, or is no XML', async () => {
    for (const [code, problem] of [
      ['', 'there is no file'],
      [write('<testsuite>'), 'r.xml is no XML'],
    ] as const) {
      const { check } = await runCommands([command('unit', code, { junit: 'r.xml' })], 'advisory')
      expect(check).toMatchObject({ status: 'warning', ran: false })
      expect(check.message).toContain(`its report r.xml cannot be read: ${problem}`)
      expect(check.message).toContain('correct tests[].junit in gonogo.yaml')
    }
    const { check } = await runCommands([command('unit', '', { run: ['no-such-program-here'] })])
    expect(check).toMatchObject({ status: 'failed', ran: false })
  })

  it('are skipped when there are none', async () => {
    const { check } = await runCommands([])
    expect(check).toMatchObject({ status: 'skipped', ran: false })
    expect(check.message).toContain('add tests to gonogo.yaml')
  })
})

describe('what GitHub recorded of a commit', () => {
  const workflow = 'on: push\njobs: { unit: { runs-on: x, steps: [{ run: make }] } }\n'
  let hub: Hub
  let sha: string
  let outcome: JobOutcome

  beforeAll(async () => {
    const files = ['backend', 'frontend'].map((name) => [`.github/workflows/${name}.yml`, workflow])
    sha = await repository.commit(Object.fromEntries(files))
    hub = await startHub({
      git: join(repository.directory, '.git'),
      clock: { manual: true, start: Date.parse('2030-01-01T00:00:00Z') },
      scenario: () => outcome,
    })
  })

  afterAll(async () => {
    expect(hub.violations).toEqual([])
    await hub.close()
  })

  beforeEach(() => {
    outcome = { conclusion: 'success' }
    hub.settings.checks.clear()
    hub.settings.requiredChecks.clear()
    hub.settings.missingPermissions.clear()
  })

  interface Asked {
    suites?: PlatformSuite[]
    wait_seconds?: number
    mayWait?: boolean
    commit?: string
    signal?: AbortSignal
    onProgress?: () => Promise<void> | void
  }

  async function run(asked: Asked = {}) {
    const { suites = [], wait_seconds = 0, mayWait = true, commit = sha } = asked
    const more = {
      ref: null,
      lock: 'auto' as const,
      token_command: null,
      app: null,
      inputs: {},
      approval_job: 'a',
    }
    const settings: GitHubSettings = {
      repository: hub.repository,
      api_url: hub.apiUrl,
      workflow: 'cd.yml',
      tests: { suites, wait_seconds },
      ...more,
    }
    const slept: number[] = []
    const runtime: Runtime = {
      ...createRuntime(),
      now: () => hub.clock.now(),
      async sleep(ms, signal) {
        slept.push(ms)
        signal?.throwIfAborted()
        await hub.clock.advance(ms)
      },
    }
    const client = createGitHubClient({
      settings,
      token: hub.token,
      onToken: () => undefined,
      shutdown: never,
      stateDirectory: directory,
      repository: repository.directory,
      processes: createProcesses(),
      runtime: createRuntime(),
      commandEnv: {},
      env: {},
      version: '0.0.0',
    })
    const deps = { client, branch: 'main', reports: createTestReports(), runtime: createRuntime() }
    const told: string[] = []
    const { call } = makeWorld({
      project: requiring('required', { tests: [], github: settings }),
      commitRecords: createCommitRecords({
        ...deps,
        repository: 'acme/clinic',
        stateDirectory: directory,
      }),
      runtime,
      progress: (message) => {
        told.push(message)
        void asked.onProgress?.()
      },
    })
    const subject = subjectOf(call, commit, { mayWait })
    const check = await testsPassed.run(subject, call, asked.signal ?? never)
    return { check, slept, told, dry: testsPassed.foresee(subject, call).text }
  }

  const push = (file = 'backend.yml') =>
    hub.actions.start({ workflow: file, event: 'push', ref: 'main', login: 'ada' })

  const planned = (...checks: [string, string][]) =>
    hub.settings.checks.set(
      sha,
      checks.map(([name, state]): HubCheck => ({ name, state, source: 'check_run' })),
    )

  it('passes with every suite and every required check, each with its evidence', async () => {
    const id = await push()
    await hub.clock.advance(5000)
    hub.actions.upload(id, 'results', zipOf([{ name: 'r.xml', content: green }]))
    hub.settings.requiredChecks.set('main', { ruleset: ['lint'], classic: [] })
    planned(['lint', 'success'])
    const suites = [suite('backend', { junit_artifact: 'results' }), suite('frontend')]
    const { check, dry } = await run({ suites })
    expect(check).toMatchObject({
      status: 'passed',
      ran: true,
      message:
        'backend passed (1 passed, 1 skipped); frontend passed; 1 required check(s) passed: lint',
      details: {
        sha,
        required: ['lint'],
        suites: [
          { name: 'backend', sha, run: { id, attempt: 1 }, counted_from: 'artifact' },
          { name: 'frontend', sha, run: { attempt: 1 }, report: null },
        ],
      },
    })
    expect(dry).toBe(
      'ask acme/clinic for the checks of v1 and the runs of backend.yml, frontend.yml',
    )
  })

  it('fails with what failed, where it is and what to do', async () => {
    outcome = { conclusion: 'failure' }
    const id = await push()
    await hub.clock.advance(5000)
    hub.actions.upload(id, 'results', zipOf([{ name: 'r.xml', content: red }]))
    const { check } = await run({ suites: [suite('backend', { junit_artifact: 'results' })] })
    expect(check).toMatchObject({ status: 'failed', ran: true })
    expect(check.message).toMatch(/^backend failed: 1 of 1 tests failed: pays: mend the commit/)
    expect(check.message).toContain(`/actions/runs/${id})`)
  })

  it('without suites or required checks, all that ran must have passed', async () => {
    await push()
    await hub.clock.advance(5000)
    planned(['e2e', 'failure'])
    const { check } = await run()
    expect(check).toMatchObject({ status: 'failed', ran: true })
    expect(check.message).toBe(
      'no check is required on main; e2e failed: mend the commit, or run it again',
    )
  })

  it('could not look where GitHub says no, and never passes for that', async () => {
    hub.settings.missingPermissions.add('checks=read').add('statuses=read')
    const { check } = await run()
    expect(check).toMatchObject({ status: 'failed', ran: false })
    hub.settings.missingPermissions.clear()
    const misspelt = await run({ suites: [suite('bakend')] })
    expect(misspelt.check).toMatchObject({ status: 'failed', ran: false })
    expect(misspelt.check.message).toContain('look at github.tests in gonogo.yaml')
  })

  describe('waiting', () => {
    const suites = [suite('backend')]

    it('goes on until the run has ended, at a polite pace, and is told', async () => {
      outcome = { conclusion: 'success', durationMs: 60_000 }
      await push()
      const { check, slept, told } = await run({ suites, wait_seconds: 300 })
      expect(check).toMatchObject({ status: 'passed', message: 'backend passed' })
      expect(Math.min(...slept)).toBeGreaterThanOrEqual(5000)
      expect(told[0]).toBe('tests_passed waits: backend has not finished')
    })

    it('ends at its limit, with what still runs', async () => {
      outcome = { conclusion: 'success', durationMs: 600_000 }
      await push()
      const { check, slept } = await run({ suites, wait_seconds: 30 })
      expect(check).toMatchObject({
        status: 'failed',
        ran: false,
        message: 'still running: backend has not finished',
      })
      expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(30_000)
      // Only a validation has the time to wait.
      const promotion = await run({ suites, wait_seconds: 30, mayWait: false })
      expect(promotion.slept).toEqual([])
    })

    it('is not worth it once something has failed, and short for what never appears', async () => {
      const other = await repository.commit({ other: '1' })
      await repository.git('reset', '--quiet', '--hard', sha)
      const missing = await run({ suites, wait_seconds: 300, commit: other })
      expect(missing.check).toMatchObject({
        status: 'failed',
        ran: true,
        message: 'backend never ran for this commit: start backend.yml on it',
      })
      expect(missing.slept.reduce((sum, ms) => sum + ms, 0)).toBe(60_000)
      outcome = { conclusion: 'success', durationMs: 600_000 }
      await push()
      hub.settings.requiredChecks.set('main', { ruleset: ['lint'], classic: [] })
      planned(['lint', 'failure'])
      const { check, slept } = await run({ suites, wait_seconds: 300 })
      expect({ status: check.status, slept }).toEqual({ status: 'failed', slept: [] })
    })

    it('ends with its caller', async () => {
      outcome = { conclusion: 'success', durationMs: 600_000 }
      await push()
      const ending = new AbortController()
      const end = () => ending.abort(new Error('enough'))
      const { check, slept } = await run({
        suites,
        wait_seconds: 300,
        signal: ending.signal,
        onProgress: end,
      })
      expect(check).toMatchObject({ status: 'failed', ran: false })
      expect(slept).toHaveLength(1)
    })
  })
})
