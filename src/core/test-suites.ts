import {
  judgeCommit,
  stateWords,
  type CommitChecks,
  type CommitContext,
  type CommitVerdict,
} from './commit-checks.ts'
import { countsText, failuresText, judgeCounts, type TestReport } from './test-report.ts'

/** What the platform recorded about one named suite of tests, for exactly one commit. */
export interface SuiteResult {
  name: string
  workflow: string
  job: string | null
  sha: string
  /** `missing`: it never ran for this commit. `unknown`: it cannot be told; `problem` says why. */
  state: CommitContext['state'] | 'missing' | 'unknown'
  /** The newest attempt of the newest run; null without one. */
  run: SuiteRun | null
  report: TestReport | null
  counted_from: 'artifact' | 'check_run' | null
  /** Why its tests were not counted, when that decides nothing. */
  note: string | null
  /** Why it, or the report it should have, cannot be read: then it has not passed. */
  problem: string | null
}

export interface SuiteRun {
  id: string
  attempt: number
  event: string
  /** The platform's own word; null while it goes on. */
  conclusion: string | null
  url: string
}

type Verdict = Pick<CommitVerdict, 'status' | 'message' | 'open'>

/** Required checks and named suites together: what is configured must have passed, every part of it. */
export function judgeTests(
  checks: CommitChecks,
  suites: readonly SuiteResult[],
): Verdict & { wanted: string[] } {
  const required = judgeCommit(checks)
  if (suites.length === 0) return required
  const named = suites.map(judgeSuite)
  // Suites stand in for "everything that ran", which is only a guess at what the tests are.
  const isGuess = checks.required !== null && checks.required.length === 0
  const parts = isGuess ? named : [...named, required]
  return { ...together(parts), wanted: required.wanted }
}

const order = ['failed', 'none', 'pending', 'passed'] as const

/** The worst comes first, and only what is not right is told when something is not. */
function together(parts: readonly Verdict[]): Verdict {
  const sorted = parts.toSorted(
    (one, other) => order.indexOf(one.status) - order.indexOf(other.status),
  )
  const status = sorted[0]!.status
  const shown = status === 'passed' ? parts : sorted.filter((part) => part.status !== 'passed')
  const bad = shown.filter((part) => part.status !== 'passed')
  const isOpen = bad.length > 0 && bad.every((part) => part.open !== null)
  const open = bad.some((part) => part.open === 'missing') ? 'missing' : 'running'
  return {
    status,
    message: shown.map(({ message }) => message).join('; '),
    open: isOpen ? open : null,
  }
}

function judgeSuite(suite: SuiteResult): Verdict {
  const { name, workflow, state, problem } = suite
  if (state === 'missing') {
    const message = `${name} never ran for this commit: start ${workflow} on it${asideOf(suite)}`
    return { status: 'failed', message, open: 'missing' }
  }
  if (state === 'unknown') return { status: 'none', message: `${name}: ${problem}`, open: null }
  if (state === 'passed') return judgePassed(suite)
  if (state === 'pending') {
    return { status: 'pending', message: `${name} ${stateWords.pending.is}`, open: 'running' }
  }
  const { is, fix } = stateWords[state]
  const failures = suite.report && judgeCounts(suite.report.counts) === 'failed'
  const how = failures ? `: ${failuresText(suite.report!)}` : conclusionOf(suite)
  return { status: 'failed', message: `${name} ${is}${how}: ${fix}${placeOf(suite)}`, open: null }
}

/** A run that is green says less than its report. */
function judgePassed(suite: SuiteResult): Verdict {
  const { name, report, problem } = suite
  if (problem !== null) return { status: 'none', message: `${name}: ${problem}`, open: null }
  if (report === null) return { status: 'passed', message: `${name} passed`, open: null }
  switch (judgeCounts(report.counts)) {
    case 'passed':
      return {
        status: 'passed',
        message: `${name} passed (${countsText(report.counts)})`,
        open: null,
      }
    case 'failed': {
      const message = `${name}: its run is green, and ${failuresText(report)}: let failing tests fail the run${placeOf(suite)}`
      return { status: 'failed', message, open: null }
    }
    case 'empty': {
      const message = `${name}: its run is green, and no test ran: mend what ${suite.workflow} runs${placeOf(suite)}`
      return { status: 'failed', message, open: null }
    }
  }
}

/** `timed_out` and the like say more than "failed". */
function conclusionOf({ run }: SuiteResult): string {
  const word = run?.conclusion ?? ''
  const plain = ['', 'failure', 'cancelled', 'stale', 'skipped', 'neutral', 'success']
  return plain.includes(word) ? '' : ` (${word})`
}

function placeOf({ run }: SuiteResult): string {
  return run === null ? '' : ` (${run.url})`
}

function asideOf({ note }: SuiteResult): string {
  return note === null ? '' : ` (${note})`
}
