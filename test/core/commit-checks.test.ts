import { describe, expect, test } from 'vitest'
import { judgeCommit, type CommitChecks, type CommitContext } from '../../src/core/commit-checks.ts'

function context(name: string, state: CommitContext['state']): CommitContext {
  return { name, source: 'check_run', state, url: null, report: null }
}

function checks(
  contexts: readonly CommitContext[],
  changes: Partial<CommitChecks> = {},
): CommitChecks {
  const sha = 'a'.repeat(40)
  const all = { sha, branch: 'main', contexts: [...contexts], complete: true }
  return { ...all, required: [], problems: [], ...changes }
}

describe('with required checks', () => {
  const required = ['build', 'test']

  test('all of them must have passed, and what else failed does not matter', () => {
    const all = [context('build', 'passed'), context('test', 'passed'), context('lint', 'failed')]
    expect(judgeCommit(checks(all, { required }))).toEqual({
      status: 'passed',
      message: '2 required check(s) passed: build, test',
      open: null,
      wanted: required,
    })
  })

  test('one that never ran is a failure that says so', () => {
    const verdict = judgeCommit(checks([context('build', 'passed')], { required }))
    expect(verdict).toMatchObject({
      status: 'failed',
      message: 'test never ran: run it for this commit, or no longer require it',
      open: 'missing',
    })
  })

  test.each([
    [
      'skipped',
      'was skipped, which is not passed: let it run for this commit, or no longer require it',
    ],
    [
      'neutral',
      'ended neutral, which is not passed: let it succeed or fail, or no longer require it',
    ],
    ['cancelled', 'was cancelled: run it again'],
    ['stale', 'is stale (it never finished): run it again'],
    ['failed', 'failed: mend the commit, or run it again'],
  ] as const)('%s is not passed', (state, word) => {
    const all = [context('build', 'passed'), context('test', state)]
    const verdict = judgeCommit(checks(all, { required }))
    expect(verdict).toMatchObject({ status: 'failed', message: `test ${word}`, open: null })
  })

  test('waits for one that runs, unless another failed already', () => {
    const open = [context('build', 'passed'), context('test', 'pending')]
    expect(judgeCommit(checks(open, { required }))).toMatchObject({
      status: 'pending',
      open: 'running',
    })
    const failed = [context('build', 'failed'), context('test', 'pending')]
    expect(judgeCommit(checks(failed, { required })).status).toBe('failed')
  })

  test('two that report the same name must both have passed', () => {
    const all = [context('build', 'passed'), context('test', 'passed'), context('test', 'failed')]
    expect(judgeCommit(checks(all, { required })).status).toBe('failed')
  })

  test('what may be among unread results did not certainly never run', () => {
    const problems = ['commit statuses could not be read']
    const partial = { required, complete: false, problems }
    const verdict = judgeCommit(checks([context('build', 'passed')], partial))
    expect(verdict.status).toBe('none')
    expect(verdict.message).toContain(problems[0])
  })
})

describe('without required checks', () => {
  test('says that none is required, and what did not count', () => {
    const all = [context('build', 'passed'), context('docs', 'skipped')]
    expect(judgeCommit(checks(all))).toEqual({
      status: 'passed',
      message:
        'no check is required on main: all 1 that ran passed; 1 skipped or neutral did not count',
      open: null,
      wanted: [],
    })
  })

  test.each([[[]], [[context('a', 'skipped'), context('b', 'neutral')]]])(
    'nothing that ran is none, never passed',
    (all) => {
      expect(judgeCommit(checks(all)).status).toBe('none')
    },
  )

  test('one that failed, was cancelled or goes on keeps it from passing', () => {
    for (const [state, status] of [
      ['failed', 'failed'],
      ['cancelled', 'failed'],
      ['stale', 'failed'],
      ['pending', 'pending'],
    ] as const) {
      const all = [context('build', 'passed'), context('test', state)]
      expect(judgeCommit(checks(all)).status).toBe(status)
    }
  })

  test('rules that cannot be read are told', () => {
    const unread = { required: null, problems: ['the rules of main cannot be read: 403'] }
    const verdict = judgeCommit(checks([context('build', 'passed')], unread))
    expect(verdict.message).toContain('which checks main requires cannot be read: all 1')
    expect(verdict.message).toContain('403')
  })

  test('results that cannot be read prove nothing', () => {
    const verdict = judgeCommit(checks([context('build', 'passed')], { complete: false }))
    expect(verdict.status).toBe('none')
  })
})
