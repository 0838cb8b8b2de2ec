import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createGitHubClient } from '../../../src/adapters/github/client/client.ts'
import type { GitHubClient } from '../../../src/adapters/github/client/github-client.ts'
import { createCommitRecords } from '../../../src/adapters/github/commit-records.ts'
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
  const rest = { ref: null, token_command: null, app: null, inputs: {}, approval_job: 'approval' }
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
  records = createCommitRecords({ client, repository: 'acme/clinic', branch: null })
})

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
  const { contexts, complete, required, branch } = await records.checks(sha)
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

test('a commit without any check has not passed', async () => {
  expect(judgeCommit(await records.checks(sha)).status).toBe('none')
})

test('all pages are read', async () => {
  planned(...Array.from({ length: 230 }, (_, at): Planned => [`c${at}`, 'check_run', 'success']))
  expect((await records.checks(sha)).contexts).toHaveLength(230)
})

test('what rulesets and classic protection demand is one list', async () => {
  hub.settings.requiredChecks.set('main', { ruleset: ['build', 'test'], classic: ['test', 'e2e'] })
  planned(['build', 'check_run', 'success'], ['test', 'check_run', 'success'])
  const checks = await records.checks(sha)
  expect(checks.required).toEqual(['build', 'test', 'e2e'])
  expect(judgeCommit(checks)).toMatchObject({ status: 'failed', message: 'e2e never ran' })
})

test('one name with two results is told, and has not passed', async () => {
  planned(['test', 'check_run', 'success'], ['test', 'status', 'failure'])
  const checks = await records.checks(sha)
  expect(checks.problems).toEqual(['test was reported more than once: passed, failed'])
  expect(judgeCommit({ ...checks, required: ['test'] }).status).toBe('failed')
})

test('what the token may not read is a problem that is named', async () => {
  planned(['build', 'check_run', 'success'])
  hub.settings.missingPermissions.add('statuses=read')
  const checks = await records.checks(sha)
  expect(checks).toMatchObject({ complete: false, problems: [expect.stringContaining('statuses')] })
  expect(judgeCommit(checks).status).toBe('none')
  expect(judgeCommit({ ...checks, required: ['build'] }).status).toBe('passed')

  hub.settings.missingPermissions.add('checks=read')
  await expect(records.checks(sha)).rejects.toMatchObject({ code: 'not_permitted' })
})

test('an outage is a failure, never an absence', async () => {
  planned(['build', 'check_run', 'success'])
  hub.faults.push({ path: /\/status/, times: 9, kind: { type: 'status', status: 422 } })
  await expect(records.checks(sha)).rejects.toMatchObject({ code: 'pipeline_refused' })
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
    const reading = createCommitRecords({ client, repository: 'acme/clinic', branch: 'main' })
    const { contexts } = await reading.checks(sha)
    expect(contexts.map(({ state: is }) => is)).toEqual(states)
  }
})
