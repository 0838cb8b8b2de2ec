import { describe, expect, test } from 'vitest'
import type { CommitChecks } from '../../src/core/commit-checks.ts'
import { noCounts } from '../../src/core/test-report.ts'
import { judgeTests, type SuiteResult } from '../../src/core/test-suites.ts'

const sha = 'a'.repeat(40)
const run = { id: '7', attempt: 2, event: 'push', conclusion: 'success', url: 'https://g.test/7' }

function suite(name: string, changes: Partial<SuiteResult> = {}): SuiteResult {
  const bare = { report: null, counted_from: null, note: null, problem: null }
  return {
    name,
    workflow: `${name}.yml`,
    job: null,
    sha,
    state: 'passed',
    run,
    ...bare,
    ...changes,
  }
}

function checks(required: string[] | null, passed: string[] = []): CommitChecks {
  const contexts = passed.map((name) => ({
    name,
    source: 'check_run' as const,
    state: 'passed' as const,
    url: null,
    report: null,
  }))
  return { sha, branch: 'main', contexts, complete: true, required, problems: [] }
}

const report = (counts: Partial<typeof noCounts>, ...names: string[]) => ({
  counts: { ...noCounts, ...counts },
  failures: names.map((name) => ({ name, message: '' })),
})

test('every suite is told by its name, with what it counted', () => {
  const backend = suite('backend', { report: report({ passed: 40, skipped: 2 }) })
  expect(judgeTests(checks([]), [backend, suite('frontend')])).toMatchObject({
    status: 'passed',
    message: 'backend passed (40 passed, 2 skipped); frontend passed',
    open: null,
  })
})

test('required checks count besides the suites', () => {
  expect(judgeTests(checks(['build'], ['build']), [suite('backend')])).toMatchObject({
    status: 'passed',
    message: 'backend passed; 1 required check(s) passed: build',
  })
  expect(judgeTests(checks(['build']), [suite('backend')])).toMatchObject({
    status: 'failed',
    message: expect.stringMatching(/^build never ran: /),
  })
  // What is required cannot be read: the suites alone are not all of it.
  expect(judgeTests(checks(null), [suite('backend')]).status).toBe('none')
})

describe('each state is its own word, and says what to do', () => {
  test.each<[Partial<SuiteResult>, string, RegExp]>([
    [
      { state: 'failed', report: report({ passed: 8, failed: 2 }, 'login', 'logout') },
      'failed',
      /^web failed: 2 of 10 tests failed: login, logout: mend the commit.*\(https:\/\/g\.test\/7\)$/,
    ],
    [
      { state: 'failed', run: { ...run, conclusion: 'timed_out' } },
      'failed',
      /^web failed \(timed_out\): mend the commit, or run it again/,
    ],
    [{ state: 'cancelled' }, 'failed', /^web was cancelled: run it again/],
    [{ state: 'stale' }, 'failed', /^web is stale \(it never finished\): run it again/],
    [{ state: 'skipped' }, 'failed', /^web was skipped, which is not passed: let it run/],
    [{ state: 'neutral' }, 'failed', /^web ended neutral, which is not passed: let it succeed/],
    [{ state: 'missing', run: null }, 'failed', /^web never ran for this commit: start web\.yml/],
    [{ state: 'pending' }, 'pending', /^web has not finished$/],
    [{ state: 'unknown', problem: 'no job is called x' }, 'none', /^web: no job is called x$/],
    [{ problem: 'its run has no artifact r' }, 'none', /^web: its run has no artifact r$/],
    [
      { report: report({ passed: 8, failed: 1 }, 'login') },
      'failed',
      /^web: its run is green, and 1 of 9 tests failed: login: let failing tests fail the run/,
    ],
    [
      { report: report({ skipped: 3 }) },
      'failed',
      /^web: its run is green, and no test ran: mend what web\.yml runs/,
    ],
  ])('%j', (changes, status, message) => {
    const verdict = judgeTests(checks([]), [suite('api'), suite('web', changes)])
    expect(verdict).toMatchObject({ status, message: expect.stringMatching(message) })
  })
})

const open = (...suites: SuiteResult[]) => judgeTests(checks([]), suites).open

test('waiting helps only while nothing has failed', () => {
  const pending = suite('a', { state: 'pending' })
  const missing = suite('b', { state: 'missing' })
  const failed = suite('c', { state: 'failed' })
  expect([open(pending), open(pending, missing), open(pending, failed), open(suite('d'))]).toEqual([
    'running',
    'missing',
    null,
    null,
  ])
})
