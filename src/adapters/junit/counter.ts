import { mostFailures, noCounts, type FailedCase, type TestReport } from '../../core/test-report.ts'
import { oneLine } from '../../core/text.ts'

type Attributes = Readonly<Record<string, string>>

/** Counts the tests of a JUnit report, told as its elements come. */
export interface Counter {
  open(name: string, attributes: Attributes): void
  text(part: string): void
  close(name: string): void
  report(): TestReport
}

interface Case {
  name: string
  state: 'passed' | 'failed' | 'errors' | 'skipped'
  flaky: boolean
  /** What is known of why. */
  why: string
}

interface Suite {
  name: string
  /** Failures and errors it says it has. */
  declared: number
  /** Those that were seen. */
  seen: number
}

interface Tally extends TestReport {
  /** Those that are open, the outer ones first. */
  suites: Suite[]
}

/** Of a stack trace only the beginning is wanted. */
const mostText = 500

/** Tests are counted one by one; only where a suite says more than it lists, its own number counts. */
export function createCounter(): Counter {
  const tally: Tally = { counts: { ...noCounts }, failures: [], suites: [] }
  let current: Case | null = null
  let wantsText = false
  return {
    open(name, attributes) {
      if (isSuite(name)) tally.suites.push(suiteOf(name, attributes))
      else if (name === 'testcase') {
        // One inside of another: the outer one has said what it has to say.
        if (current !== null) endCase(tally, current)
        current = caseOf(attributes)
      } else if (isProblem(name)) {
        see(tally, 1)
        if (current === null) blameSuite(tally, attributes['message'] ?? '')
        else wantsText = blame(current, name, attributes['message'] ?? '')
      } else if (current !== null) note(current, name)
    },
    text(part) {
      if (current === null || !wantsText || current.why.length >= mostText) return
      current.why += part.trimStart().slice(0, mostText)
    },
    close(name) {
      if (isProblem(name)) wantsText = false
      if (name === 'testcase' && current !== null) {
        endCase(tally, current)
        current = null
      }
      if (isSuite(name)) endSuite(tally, tally.suites.pop()!)
    },
    report: () => ({ counts: { ...tally.counts }, failures: [...tally.failures] }),
  }
}

function isSuite(name: string): boolean {
  return name === 'testsuite' || name === 'testsuites'
}

function isProblem(name: string): boolean {
  return name === 'failure' || name === 'error'
}

function see({ suites }: Tally, problems: number): void {
  for (const suite of suites) suite.seen += problems
}

function tell({ failures }: Tally, found: FailedCase): void {
  if (failures.length < mostFailures) failures.push(found)
}

/** The first reason is the one that is told. True when only the text behind it says what it is. */
function blame(current: Case, name: string, message: string): boolean {
  if (current.state === 'failed' || current.state === 'errors') return false
  current.state = name === 'failure' ? 'failed' : 'errors'
  current.why = message
  return message.trim() === ''
}

/** A problem of no test, as in a suite that broke on its way: nobody says that it is none. */
function blameSuite(tally: Tally, why: string): void {
  tally.counts.failed += 1
  tell(tally, { name: tally.suites.at(-1)?.name ?? 'a suite', message: firstLine(why) })
}

function endCase(tally: Tally, { name, state, flaky, why }: Case): void {
  tally.counts[state] += 1
  if (state === 'passed' && flaky) tally.counts.flaky += 1
  if (state === 'failed' || state === 'errors') tell(tally, { name, message: firstLine(why) })
}

/** One that broke before its first test, for instance, has failed all the same. */
function endSuite(tally: Tally, { name, declared, seen }: Suite): void {
  const unlisted = declared - seen
  if (unlisted <= 0) return
  tally.counts.failed += unlisted
  see(tally, unlisted)
  tell(tally, { name, message: `it counts ${unlisted} failure(s) that it does not list` })
}

function note(current: Case, name: string): void {
  if (name === 'skipped' && current.state === 'passed') current.state = 'skipped'
  // How Maven's plugins write down that a test was run again and passed.
  if (name === 'flakyFailure' || name === 'flakyError') current.flaky = true
}

function suiteOf(name: string, attributes: Attributes): Suite {
  const declared = number(attributes['failures']) + number(attributes['errors'])
  return { name: oneLine(attributes['name'] || name, 120), declared, seen: 0 }
}

function caseOf({ name = '', classname = '', status = '' }: Attributes): Case {
  const full = classname === '' || name.startsWith(classname) ? name : `${classname}.${name}`
  // GoogleTest's words for what it left out.
  const left = /^(?:notrun|skipped|disabled)$/.test(status)
  return {
    name: oneLine(full, 160) || 'a test without a name',
    state: left ? 'skipped' : 'passed',
    flaky: false,
    why: '',
  }
}

/** Whatever is more than none, as it is written. */
function number(text = ''): number {
  const value = Math.ceil(Number(text))
  return value > 0 ? Math.min(value, 1e9) : 0
}

function firstLine(text: string): string {
  return oneLine(text.trim().split(/\r?\n/)[0] ?? '', 200)
}
