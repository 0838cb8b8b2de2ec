/** What a test report counts. Nothing is counted without a report. */
export interface TestCounts {
  passed: number
  failed: number
  /** Tests that broke instead of failing, where the report tells them apart. */
  errors: number
  skipped: number
  /** Of those that passed: only after they had failed and were run again. */
  flaky: number
}

/** A test that did not pass. Untrusted text, one line each. */
export interface FailedCase {
  name: string
  message: string
}

/** Reports of one run of tests, added up. */
export interface TestReport {
  counts: TestCounts
  /** The first of them. */
  failures: FailedCase[]
}

/** More names than these help nobody. */
export const mostFailures = 10

export const noCounts: TestCounts = { passed: 0, failed: 0, errors: 0, skipped: 0, flaky: 0 }

export function addReports(left: TestReport, right: TestReport): TestReport {
  const sum = (name: keyof TestCounts) => left.counts[name] + right.counts[name]
  return {
    counts: {
      passed: sum('passed'),
      failed: sum('failed'),
      errors: sum('errors'),
      skipped: sum('skipped'),
      flaky: sum('flaky'),
    },
    failures: [...left.failures, ...right.failures].slice(0, mostFailures),
  }
}

/** `empty`: no test passed and none failed, so that nothing was tested. */
export function judgeCounts({ passed, failed, errors }: TestCounts): 'passed' | 'failed' | 'empty' {
  if (failed + errors > 0) return 'failed'
  return passed > 0 ? 'passed' : 'empty'
}

const words: readonly [keyof TestCounts, string][] = [
  ['passed', 'passed'],
  ['failed', 'failed'],
  ['errors', 'broke'],
  ['skipped', 'skipped'],
  ['flaky', 'flaky'],
]

/** `40 passed, 2 skipped`: what was never seen is left out. */
export function countsText(counts: TestCounts): string {
  const told = words.filter(([name]) => counts[name] > 0)
  if (told.length === 0) return 'no test ran'
  return told.map(([name, word]) => `${counts[name]} ${word}`).join(', ')
}

/** `2 failed of 42: login, logout`. */
export function failuresText({ counts, failures }: TestReport): string {
  const { passed, failed, errors, skipped } = counts
  const bad = failed + errors
  const names = failures.slice(0, 3).map(({ name }) => name)
  const more = bad > names.length ? ' and more' : ''
  const which = names.length > 0 ? `: ${names.join(', ')}${more}` : ''
  return `${bad} of ${passed + bad + skipped} tests failed${which}`
}
