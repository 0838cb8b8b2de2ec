import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { repository, runScript } from './copy.ts'

const directory = mkdtempSync(join(tmpdir(), 'gonogo-report-'))
afterAll(() => rmSync(directory, { recursive: true }))

const good = {
  success: true,
  numPassedTests: 12,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [
    { name: 'a.test.ts', status: 'passed', assertionResults: [{ status: 'passed' }] },
  ] as { name: string; status: string; assertionResults: { status: string }[] }[],
}

function count(report: object) {
  const file = join(directory, 'report.json')
  writeFileSync(file, JSON.stringify(report))
  const { status, stdout } = runScript(repository, 'count-tests.ts', file)
  return { status, last: stdout.trim().split('\n').at(-1), stdout }
}

it('a run in which everything passed is a success', () => {
  expect(count(good)).toMatchObject({ status: 0, last: '12 passed, 0 failed, 0 skipped' })
})

it.each([
  ['failed', { success: false, numFailedTests: 1 }, '12 passed, 1 failed, 0 skipped'],
  ['skipped', { numPendingTests: 2 }, '12 passed, 0 failed, 2 skipped'],
  ['still to do', { numTodoTests: 1 }, '12 passed, 0 failed, 1 skipped'],
  ['missing altogether', { numPassedTests: 0 }, '0 passed, 0 failed, 0 skipped'],
])('tests that are %s make it a failure', (_how, change, last) => {
  expect(count({ ...good, ...change })).toMatchObject({ status: 1, last })
})

it('a file that could not be loaded counts as failed, and is named', () => {
  const broken = { name: 'b.test.ts', status: 'failed', assertionResults: [] }
  const report = { ...good, success: false, testResults: [...good.testResults, broken] }
  const { status, last, stdout } = count(report)
  expect({ status, last }).toEqual({ status: 1, last: '12 passed, 1 failed, 0 skipped' })
  expect(stdout).toContain('could not be run: b.test.ts')
})
