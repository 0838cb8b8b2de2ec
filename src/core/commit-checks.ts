import type { TestReport } from './test-report.ts'

/** What the platform recorded about one commit: check runs and commit statuses together. */
export interface CommitChecks {
  sha: string
  /** The branch whose rules `required` comes from. */
  branch: string
  contexts: CommitContext[]
  /** False when there may be results that could not be read; `problems` says why. */
  complete: boolean
  /** Names that must pass, from rulesets and classic protection; null when they cannot be read. */
  required: string[] | null
  /** Why something could not be read; empty when everything was. */
  problems: string[]
}

export interface CommitContext {
  name: string
  source: 'check_run' | 'status'
  /** Skipped and neutral are not passed. */
  state: 'passed' | 'failed' | 'pending' | 'skipped' | 'neutral' | 'cancelled' | 'stale'
  url: string | null
  /** What its title counts, where it has a title of that kind. */
  report: TestReport | null
}

/** What the results of a commit's checks amount to. */
export interface CommitVerdict {
  /** `none`: nothing ran that could pass, or it cannot be told. */
  status: 'passed' | 'failed' | 'pending' | 'none'
  /** Names checks, which are untrusted text, and says what to do. */
  message: string
  /** Whether waiting may change it: something runs, or may not have appeared yet. */
  open: 'running' | 'missing' | null
  /** The names that decided; empty when no check is required and all that ran did. */
  wanted: string[]
}

/**
 * Judges the names the platform requires, else everything that ran. Of a name that several reported, all
 * must have passed.
 */
export function judgeCommit(checks: CommitChecks): CommitVerdict {
  const names = [...new Set(checks.required)]
  const verdict = names.length > 0 ? judgeNamed(checks, names) : judgeAll(checks)
  const message = [verdict.message, ...checks.problems].join('; ')
  return { ...verdict, message, wanted: names }
}

type Bare = Omit<CommitVerdict, 'wanted'>

function judgeNamed({ contexts, complete }: CommitChecks, names: readonly string[]): Bare {
  const states = names.map((name) => ({ name, state: worst(contexts, name) }))
  const bad = states.filter(({ state }) => state !== 'passed' && state !== 'pending')
  const seen = bad.filter(({ state }) => state !== null)
  if (seen.length > 0) return { status: 'failed', message: told(seen), open: null }
  // What is missing may be among what could not be read.
  const missing = complete ? 'failed' : 'none'
  if (bad.length > 0) return { status: missing, message: told(bad), open: 'missing' }
  const open = states.filter(({ state }) => state === 'pending')
  if (open.length > 0) return { status: 'pending', message: told(open), open: 'running' }
  const message = `${names.length} required check(s) passed: ${listed(names)}`
  return { status: 'passed', message, open: null }
}

/** How a state reads, and what to do about it. */
export const stateWords = {
  failed: { is: 'failed', fix: 'mend the commit, or run it again' },
  cancelled: { is: 'was cancelled', fix: 'run it again' },
  stale: { is: 'is stale (it never finished)', fix: 'run it again' },
  skipped: {
    is: 'was skipped, which is not passed',
    fix: 'let it run for this commit, or no longer require it',
  },
  neutral: {
    is: 'ended neutral, which is not passed',
    fix: 'let it succeed or fail, or no longer require it',
  },
  pending: { is: 'has not finished', fix: 'validate again when it has' },
  passed: { is: 'passed', fix: '' },
} satisfies Record<CommitContext['state'], { is: string; fix: string }>

const neverRan = { is: 'never ran', fix: 'run it for this commit, or no longer require it' }

/** From what decides most to what decides least, when a name was reported more than once. */
const severity = Object.keys(stateWords) as CommitContext['state'][]

/** What decides of several; null without any. */
export function worstState(states: readonly CommitContext['state'][]) {
  return severity.find((state) => states.includes(state)) ?? null
}

function worst(contexts: readonly CommitContext[], name: string): CommitContext['state'] | null {
  return worstState(contexts.filter((one) => one.name === name).map(({ state }) => state))
}

/** Without names to go by: everything that ran must have passed, and something must have run. */
function judgeAll({ contexts, complete, required, branch }: CommitChecks): Bare {
  const rule =
    required === null
      ? `which checks ${branch} requires cannot be read`
      : `no check is required on ${branch}`
  if (!complete) {
    return { status: 'none', message: `${rule}, and not all results can be read`, open: null }
  }
  const ran = contexts.filter(({ state }) => state !== 'skipped' && state !== 'neutral')
  const aside = contexts.length - ran.length
  const beside = aside === 0 ? '' : `; ${aside} skipped or neutral did not count`
  if (ran.length === 0) {
    const message = `${rule}, and none ran${beside}: let tests run for this commit`
    return { status: 'none', message, open: 'missing' }
  }
  const bad = ran.filter(({ state }) => state !== 'passed' && state !== 'pending')
  if (bad.length > 0) return { status: 'failed', message: `${rule}; ${told(bad)}`, open: null }
  const open = ran.filter(({ state }) => state === 'pending')
  if (open.length > 0) {
    return { status: 'pending', message: `${rule}; ${told(open)}`, open: 'running' }
  }
  const message = `${rule}: all ${ran.length} that ran passed${beside}`
  return { status: 'passed', message, open: null }
}

/** What they are, and what to do about the first of them. */
function told(results: readonly { name: string; state: CommitContext['state'] | null }[]): string {
  const words = results.map(({ state }) => (state === null ? neverRan : stateWords[state]))
  const texts = results.map(({ name }, index) => `${name} ${words[index]!.is}`)
  return `${listed(texts)}: ${words[0]!.fix}`
}

function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, 5).join(', ')
  return texts.length > 5 ? `${shown} and ${texts.length - 5} more` : shown
}
