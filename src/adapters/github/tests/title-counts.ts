import { noCounts, type TestCounts, type TestReport } from '../../../core/test-report.ts'

/** The words of actions that publish test results, for numbers of tests. */
const words: Readonly<Record<string, keyof TestCounts>> = {
  pass: 'passed',
  passed: 'passed',
  fail: 'failed',
  failed: 'failed',
  error: 'errors',
  errors: 'errors',
  skip: 'skipped',
  skipped: 'skipped',
  flaky: 'flaky',
}

/**
 * What the title of a check run counts, such as `12 passed, 1 failed and 2 skipped` or
 * `1 fail, 17 pass in 12s`. Null for every other title: a number in a sentence may be anything.
 */
export function countsOfTitle(title: string | null): TestReport | null {
  const text = (title ?? '')
    .trim()
    .replace(/\s+in\s+[\d.:]+\s*(?:ms|s|m|min|seconds|minutes)?\.?$/i, '')
  const counts = { ...noCounts }
  const seen = new Set<keyof TestCounts>()
  for (const part of text.split(/\s*,\s*(?:and\s+)?|\s+and\s+/)) {
    const [, number = '', word = ''] = /^(\d{1,9}) ([a-z]+)$/i.exec(part.trim()) ?? []
    const name = words[word.toLowerCase()]
    // One word that is not known makes the whole of it something else.
    if (name === undefined || seen.has(name)) return null
    seen.add(name)
    counts[name] = Number(number)
  }
  return seen.has('passed') || seen.has('failed') ? { counts, failures: [] } : null
}
