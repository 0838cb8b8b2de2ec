import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createGitHubClient } from '../../../src/adapters/github/client/client.ts'
import type { GitHubClient } from '../../../src/adapters/github/client/github-client.ts'
import { createCommitRecords } from '../../../src/adapters/github/commit-records.ts'
import { createTestReports } from '../../../src/adapters/junit/test-reports.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import { judgeCommit } from '../../../src/core/commit-checks.ts'
import type { CommitRecords } from '../../../src/ports/commit-records.ts'
import type { Hub } from '../../hub/hub.ts'
import { startHub } from '../../hub/start.ts'
import { makeRepository, type Repository } from '../../support/repository.ts'

let repository: Repository
let hub: Hub
let sha: string
let state: string
let records: CommitRecords

beforeAll(async () => {
  repository = await makeRepository()
  sha = await repository.commit({ a: '1' })
  hub = await startHub({ git: join(repository.directory, '.git') })
  state = await mkdtemp(join(tmpdir(), 'gonogo-records-'))
  const settings = { repository: hub.repository, api_url: hub.apiUrl, workflow: 'cd.yml' }
  const tests = { suites: [], wait_seconds: 0 }
  const more = { ref: null, token_command: null, app: null, inputs: {} }
  const rest = { ...more, approval_job: 'approval', tests }
  const client = createGitHubClient({
    settings: { ...settings, ...rest },
    token: hub.token,
    onToken: () => undefined,
    shutdown: new AbortController().signal,
    stateDirectory: state,
    repository: repository.directory,
    processes: createProcesses(),
    runtime: createRuntime(),
    commandEnv: {},
    env: {},
    version: '0.0.0',
  })
  records = recordsOf(client, null)
})

function recordsOf(client: GitHubClient, branch: string | null): CommitRecords {
  const own = { runtime: createRuntime(), reports: createTestReports(), stateDirectory: state }
  return createCommitRecords({ client, repository: 'acme/clinic', branch, ...own })
}

/** What is recorded of the commit, besides named suites. */
async function look(from = records) {
  return (await from.look(sha, [])).checks
}

afterAll(async () => {
  expect(hub.violations).toEqual([])
  await hub.close()
  await repository.remove()
  await rm(state, { recursive: true, force: true })
})

beforeEach(() => {
  hub.settings.checks.clear()
  hub.settings.requiredChecks.clear()
  hub.settings.missingPermissions.clear()
})

type Planned = [name: string, source: 'check_run' | 'status', state: string]

function planned(...checks: Planned[]): void {
  hub.settings.checks.set(
    sha,
    checks.map(([name, source, outcome]) => ({ name, source, state: outcome }) as never),
  )
}

test('check runs and statuses count together, each by what it says', async () => {
  planned(
    ['build', 'check_run', 'success'],
    ['docs', 'check_run', 'skipped'],
    ['scan', 'check_run', 'neutral'],
    ['slow', 'check_run', 'in_progress'],
    ['late', 'check_run', 'timed_out'],
    ['odd', 'check_run', 'action_required'],
    ['ci/external', 'status', 'success'],
    ['ci/broken', 'status', 'error'],
  )
  const { contexts, complete, required, branch } = await look()
  expect(Object.fromEntries(contexts.map(({ name, state: is }) => [name, is]))).toEqual({
    build: 'passed',
    docs: 'skipped',
    scan: 'neutral',
    slow: 'pending',
    late: 'failed',
    odd: 'failed',
    'ci/external': 'passed',
    'ci/broken': 'failed',
  })
  expect({ complete, required, branch }).toEqual({ complete: true, required: [], branch: 'main' })
})

function named(name: string, title: string, summary = '') {
  return { name, source: 'check_run', state: 'success', title, summary } as const
}

test('counts are those of a title that counts tests, and of no other', async () => {
  hub.settings.checks.set(sha, [
    named('unit results', '17 pass, 1 skipped in 12s'),
    named('e2e results', 'Test report', '5 passed, 1 failed and 2 skipped\n\nmore of it'),
    named('coverage', '12 files, 80 passed'),
    named('lint', 'No problems in 30 files'),
  ])
  const { contexts } = await look()
  const counted = contexts.flatMap(({ name, report }) => (report ? [[name, report.counts]] : []))
  expect(Object.fromEntries(counted)).toEqual({
    'unit results': { passed: 17, failed: 0, errors: 0, skipped: 1, flaky: 0 },
    'e2e results': { passed: 5, failed: 1, errors: 0, skipped: 2, flaky: 0 },
  })
})

test('a commit without any check has not passed', async () => {
  expect(judgeCommit(await look()).status).toBe('none')
})

test('all pages are read', async () => {
  planned(...Array.from({ length: 230 }, (_, at): Planned => [`c${at}`, 'check_run', 'success']))
  expect((await look()).contexts).toHaveLength(230)
})

test('what rulesets and classic protection demand is one list', async () => {
  hub.settings.requiredChecks.set('main', { ruleset: ['build', 'test'], classic: ['test', 'e2e'] })
  planned(['build', 'check_run', 'success'], ['test', 'check_run', 'success'])
  const checks = await look()
  expect(checks.required).toEqual(['build', 'test', 'e2e'])
  expect(judgeCommit(checks)).toMatchObject({
    status: 'failed',
    message: expect.stringMatching(/^e2e never ran: run it for this commit/),
  })
})

test('one name with two results is told, and has not passed', async () => {
  planned(['test', 'check_run', 'success'], ['test', 'status', 'failure'])
  const checks = await look()
  expect(checks.problems).toEqual(['test was reported more than once: passed, failed'])
  expect(judgeCommit({ ...checks, required: ['test'] }).status).toBe('failed')
})

test('what the token may not read is a problem that is named', async () => {
  planned(['build', 'check_run', 'success'])
  hub.settings.missingPermissions.add('statuses=read')
  const checks = await look()
  expect(checks).toMatchObject({ complete: false, problems: [expect.stringContaining('statuses')] })
  expect(judgeCommit(checks).status).toBe('none')
  expect(judgeCommit({ ...checks, required: ['build'] }).status).toBe('passed')

  hub.settings.missingPermissions.add('checks=read')
  await expect(look()).rejects.toMatchObject({ code: 'not_permitted' })
})

test('an outage is a failure, never an absence', async () => {
  planned(['build', 'check_run', 'success'])
  hub.faults.push({ path: /\/status/, times: 9, kind: { type: 'status', status: 422 } })
  await expect(look()).rejects.toMatchObject({ code: 'pipeline_refused' })
  hub.faults.length = 0
})

function attempt(id: string, conclusion: string | null, started_at: string | null) {
  const status = conclusion === null ? 'queued' : 'completed'
  const app = { slug: 'github-actions' }
  return { id, name: 'test', html_url: null, app, status, conclusion, started_at }
}

test('of one App the newest attempt counts, whichever suite it is in', async () => {
  const failed = attempt('9', 'failure', '2026-01-01T00:00:00Z')
  const passed = attempt('8', 'success', '2026-01-02T00:00:00Z')
  const queued = attempt('7', null, null)
  const other = { ...attempt('6', 'success', '2025-01-01T00:00:00Z'), app: { slug: 'other' } }
  for (const [runs, states] of [
    [[failed, passed], ['passed']],
    [[passed, failed], ['passed']],
    [[passed, queued, failed], ['pending']],
    [
      [failed, other],
      ['failed', 'passed'],
    ],
  ] as const) {
    const list = async (route: string) => ({
      items: route.endsWith('/check-runs') ? runs : [],
      truncated: false,
    })
    const client = { list, get: async () => ({ data: {} }) } as unknown as GitHubClient
    const { contexts } = await look(recordsOf(client, 'main'))
    expect(contexts.map(({ state: is }) => is)).toEqual(states)
  }
})

const foreign: [string, object, string][] = [
  ['a status that somebody posted', { source: 'status' }, 'failed'],
  ['a status of another App', { source: 'status', app: 'other' }, 'failed'],
  ['a check run of another App', { source: 'check_run', app: 'other' }, 'failed'],
  ['a status of that App', { source: 'status', app: 'builder' }, 'passed'],
  ['a check run of that App', { source: 'check_run', app: 'builder' }, 'passed'],
]

test.each(['ruleset', 'classic'])(
  'what a rule (%s) wants from one App is judged by it',
  async (by) => {
    const rules = { ruleset: [], classic: [], [by]: ['test'], app: 'builder' }
    hub.settings.requiredChecks.set('main', rules)
    for (const [, from, status] of foreign) {
      hub.settings.checks.set(sha, [{ name: 'test', state: 'success', ...from } as never])
      expect(judgeCommit(await look())).toMatchObject({ status })
    }
    hub.settings.checks.set(sha, [
      { name: 'test', source: 'check_run', state: 'failure', app: 'other' },
      { name: 'test', source: 'check_run', state: 'success', app: 'builder' },
    ])
    const checks = await look()
    expect(judgeCommit(checks)).toMatchObject({
      status: 'passed',
      message: expect.stringContaining('another source than the App that main requires it from'),
    })
    expect(checks.required).toEqual(['test'])
  },
)
