import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createGitHubClient } from '../../../../src/adapters/github/client/client.ts'
import type { GitHubClient } from '../../../../src/adapters/github/client/github-client.ts'
import { createCommitRecords } from '../../../../src/adapters/github/commit-records.ts'
import { readSuite } from '../../../../src/adapters/github/tests/suites.ts'
import { createTestReports } from '../../../../src/adapters/junit/test-reports.ts'
import { createProcesses } from '../../../../src/adapters/process/processes.ts'
import { createRuntime } from '../../../../src/adapters/runtime/runtime.ts'
import type { PlatformSuite } from '../../../../src/core/project.ts'
import type { CommitRecords } from '../../../../src/ports/commit-records.ts'
import type { Hub, JobOutcome } from '../../../hub/hub.ts'
import { startHub } from '../../../hub/start.ts'
import { makeRepository, type Repository } from '../../../support/repository.ts'
import { zipOf } from '../logs/zip.ts'

/** Runs for a push, for a pull request and by hand; `conditional` only when somebody asks for it. */
const workflow = `on:
  push:
  workflow_dispatch: { inputs: { all: { type: boolean } } }
jobs:
  unit:
    name: Unit tests
    runs-on: ubuntu-latest
    steps: [{ run: make test }]
  browser:
    strategy: { matrix: { on: [firefox, chrome] } }
    runs-on: ubuntu-latest
    steps: [{ run: make browser }]
  conditional:
    if: inputs.all
    runs-on: ubuntu-latest
    steps: [{ run: make all }]
`

let repository: Repository
let hub: Hub
let sha: string
let state: string
let records: CommitRecords
let outcomes: Record<string, JobOutcome>

beforeAll(async () => {
  repository = await makeRepository()
  const files = ['backend', 'frontend'].map((name) => [`.github/workflows/${name}.yml`, workflow])
  sha = await repository.commit(Object.fromEntries(files))
  hub = await startHub({
    git: join(repository.directory, '.git'),
    clock: { manual: true, start: Date.parse('2030-01-01T00:00:00Z') },
    scenario: ({ name }) => outcomes[name] ?? { conclusion: 'success' },
  })
  state = await mkdtemp(join(tmpdir(), 'gonogo-suites-'))
  const client = createGitHubClient({
    settings: { repository: hub.repository, api_url: hub.apiUrl, token_command: null, app: null },
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
  records = createCommitRecords({
    client,
    repository: 'acme/clinic',
    branch: 'main',
    runtime: createRuntime(),
    reports: createTestReports(),
    stateDirectory: state,
  })
})

afterAll(async () => {
  expect(hub.violations).toEqual([])
  await hub.close()
  await rm(state, { recursive: true, force: true })
  await repository.remove()
})

beforeEach(() => {
  outcomes = {}
})

function suite(changes: Partial<PlatformSuite> = {}): PlatformSuite {
  const nothing = { job: null, junit_artifact: null, counts_check: null }
  return { name: 'backend', workflow: 'backend.yml', ...nothing, ...changes }
}

async function look(changes: Partial<PlatformSuite> = {}, commit = sha) {
  const { suites } = await records.look(commit, [suite(changes)])
  return suites[0]!
}

const push = (file = 'backend.yml') =>
  hub.actions.start({ workflow: file, event: 'push', ref: 'main', login: 'ada' })

const end = () => hub.clock.advance(60_000)

const green = '<testsuite><testcase name="a"/><testcase name="b"><skipped/></testcase></testsuite>'
const red = '<testsuite><testcase name="pays"><failure message="declined"/></testcase></testsuite>'

test('suites are told apart, each by the newest attempt of its own run', async () => {
  outcomes = { 'Unit tests': { conclusion: 'failure' } }
  const id = await push()
  await end()
  outcomes = {}
  await hub.actions.rerun(id, 'ada')
  await end()
  const { suites } = await records.look(sha, [
    suite(),
    suite({ name: 'frontend', workflow: 'frontend.yml' }),
  ])
  expect(suites).toMatchObject([
    { name: 'backend', sha, state: 'passed', run: { id, attempt: 2, event: 'push' }, report: null },
    { name: 'frontend', sha, state: 'failed', run: { attempt: 1 } },
  ])
  expect(suites[0]?.run?.url).toContain(`/actions/runs/${id}`)
})

describe('the state of a run, and of a job in it', () => {
  test('running, failed, cancelled', async () => {
    await push()
    expect((await look()).state).toBe('pending')
    outcomes = { 'browser (chrome)': { conclusion: 'timed_out' } }
    const id = await push()
    await end()
    expect(await look()).toMatchObject({ state: 'failed', run: { id } })
    expect((await look({ job: 'Unit tests' })).state).toBe('passed')
    // Every job of a matrix counts.
    expect((await look({ job: 'browser' })).state).toBe('failed')
    expect((await look({ job: 'conditional' })).state).toBe('skipped')
    outcomes = { 'Unit tests': { conclusion: 'cancelled' } }
    await push()
    await end()
    expect((await look({ job: 'Unit tests' })).state).toBe('cancelled')
  })

  test('one that never ran for this commit is missing, whatever ran for others', async () => {
    await push()
    await end()
    const other = await repository.commit({ later: '1' })
    await repository.git('reset', '--quiet', '--hard', sha)
    expect(await look({}, other)).toMatchObject({ state: 'missing', run: null, note: null })
    expect((await look()).state).toBe('passed')
  })

  test('a workflow, or a job, that is not there cannot be told', async () => {
    await push()
    expect(await look({ workflow: 'bakend.yml' })).toMatchObject({
      state: 'unknown',
      problem: expect.stringMatching(
        /bakend\.yml cannot be read: .*github\.tests in gonogo\.yaml$/,
      ),
    })
    await end()
    expect(await look({ job: 'Unit test' })).toMatchObject({
      state: 'unknown',
      problem: 'no job of backend.yml is called Unit test',
    })
  })
})

/** The stand-in knows no pull requests, and never answers with another commit than was asked for. */
test('a run for a pull request, or of another commit, says nothing about this one', async () => {
  const one = { status: 'completed', html_url: 'https://g.test/1', run_attempt: 1 }
  const own = { ...one, id: '1', event: 'push', conclusion: 'success', head_sha: sha }
  const merge = { ...one, id: '2', event: 'pull_request', conclusion: 'failure', head_sha: sha }
  const other = { ...own, id: '3', conclusion: 'failure', head_sha: 'b'.repeat(40) }
  const answering = async (...runs: object[]) => {
    const list = async () => ({ items: runs, truncated: false, date: null })
    const client = { list } as unknown as GitHubClient
    const deps = { client, runtime: createRuntime(), reports: createTestReports() }
    return await readSuite({ ...deps, stateDirectory: state }, sha, suite(), [])
  }
  expect(await answering(own, merge, other)).toMatchObject({ state: 'passed', run: { id: '1' } })
  expect(await answering(merge)).toMatchObject({
    state: 'missing',
    run: null,
    note: 'it ran for a pull request, which tests a merge of it',
  })
  // What a review starts runs on that merge, too, and is listed for the last commit of the pull request.
  const review = { ...merge, event: 'pull_request_review', conclusion: 'success' }
  expect(await answering(review)).toMatchObject({ state: 'missing', run: null })
})

test('a job among more than are read may have failed', async () => {
  const run = { id: '1', event: 'push', status: 'completed', conclusion: 'success', head_sha: sha }
  const one = { name: 'unit', status: 'completed', conclusion: 'success', started_at: null }
  const list = async (route: string) =>
    route.endsWith('/jobs')
      ? { items: [one], truncated: true, date: null }
      : { items: [{ ...run, html_url: 'https://g.test/1' }], truncated: false, date: null }
  const client = { list } as unknown as GitHubClient
  const deps = { client, runtime: createRuntime(), reports: createTestReports() }
  const asked = readSuite({ ...deps, stateDirectory: state }, sha, suite({ job: 'unit' }), [])
  await expect(asked).rejects.toThrow(/more than 1 jobs.*leave out job in github\.tests/)
})

describe('counts', () => {
  const wanted = { junit_artifact: 'results' }

  test('are those of the JUnit files in the artifact, which is downloaded once', async () => {
    const id = await push()
    await end()
    const archive = zipOf([
      { name: 'backend/TEST-a.xml', content: green },
      { name: 'TEST-b.XML', content: green },
      { name: 'coverage.xml', content: '<coverage/>' },
      { name: 'notes.txt', content: 'no' },
    ])
    hub.actions.upload(id, 'other', zipOf([{ name: 'x.xml', content: red }]))
    hub.actions.upload(id, 'results', archive)
    const before = hub.downloads.length
    for (const times of [1, 2]) {
      const found = await look(wanted)
      expect(found).toMatchObject({ state: 'passed', counted_from: 'artifact', problem: null })
      expect(found.report?.counts).toMatchObject({ passed: 2, skipped: 2 })
      const downloads = hub.downloads.length - before
      expect({ times, downloads }).toEqual({ times, downloads: 1 })
    }
  })

  test('of a run that is green say what is red', async () => {
    const id = await push()
    await end()
    hub.actions.upload(id, 'results', zipOf([{ name: 'r.xml', content: red }]))
    expect(await look(wanted)).toMatchObject({
      state: 'passed',
      report: { counts: { failed: 1 }, failures: [{ name: 'pays', message: 'declined' }] },
    })
  })

  test('are none when there is no such artifact, or it is damaged: that is told', async () => {
    const id = await push()
    await end()
    expect(await look(wanted)).toMatchObject({
      report: null,
      problem: expect.stringMatching(/no artifact results: upload one in the workflow/),
    })
    for (const [content, problem] of [
      [Buffer.from('nonsense'), /artifact results cannot be read: it is no zip archive/],
      [zipOf([{ name: 'r.xml', content: '<testsuite>' }]), /r\.xml is no XML/],
      [zipOf([{ name: 'r.xml', content: '<!DOCTYPE a><testsuite/>' }]), /document type/],
      [zipOf([{ name: 'r.xml', content: green, claims: { crc: 1 } }]), /checksum is another one/],
      [zipOf([{ name: 'r.txt', content: green }]), /there is no file/],
    ] as const) {
      hub.actions.upload(id, 'results', content)
      expect(await look(wanted)).toMatchObject({
        report: null,
        problem: expect.stringMatching(problem),
      })
    }
  })

  test('of an artifact that expired, or of an earlier attempt, are left out, and that is noted', async () => {
    const id = await push()
    await end()
    hub.actions.upload(id, 'results', zipOf([{ name: 'r.xml', content: red }]))
    await end()
    await hub.actions.rerun(id, 'ada')
    await end()
    const older = 'the artifact results is of an earlier attempt, so it was not counted'
    expect(await look(wanted)).toMatchObject({ report: null, problem: null, note: older })
    hub.actions.expireArtifacts(id)
    const expired = 'the artifact results has expired'
    expect(await look(wanted)).toMatchObject({ report: null, problem: null, note: expired })
  })

  test('come from the title of the check run that is named, and of no other', async () => {
    await push()
    await end()
    const one = { source: 'check_run', state: 'success' } as const
    hub.settings.checks.set(sha, [
      { ...one, name: 'Backend results', title: '12 passed, 1 skipped' },
      { ...one, name: 'Frontend results', title: '3 failed, 9 passed' },
    ])
    const found = await look({ counts_check: 'Backend results' })
    expect(found).toMatchObject({ counted_from: 'check_run', report: { failures: [] } })
    expect(found.report?.counts).toMatchObject({ passed: 12, skipped: 1, failed: 0 })
    expect(await look({ counts_check: 'Backend' })).toMatchObject({ report: null, problem: null })
    hub.settings.checks.set(sha, [
      { ...one, name: 'Results', title: '12 passed', app: 'other' },
      { ...one, name: 'Results', title: '3 failed, 9 passed' },
      { ...one, name: 'Results', title: '12 passed', app: 'third' },
    ])
    const worst = await look({ counts_check: 'Results' })
    expect(worst.report?.counts).toMatchObject({ failed: 3 })
  })

  test('end with their caller', async () => {
    const id = await push()
    await end()
    hub.actions.upload(id, 'results', zipOf([{ name: 'r.xml', content: green }]))
    const over = AbortSignal.abort(new Error('enough'))
    await expect(records.look(sha, [suite(wanted)], over)).rejects.toThrow('enough')
  })
})
