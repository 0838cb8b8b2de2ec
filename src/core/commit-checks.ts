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
}

/** What the results of a commit's checks amount to. */
export interface CommitVerdict {
  /** `none`: nothing ran that could pass, or it cannot be told. */
  status: 'passed' | 'failed' | 'pending' | 'none'
  /** Names checks, which are untrusted text. */
  message: string
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
  if (seen.length > 0) return { status: 'failed', message: told(seen) }
  // What is missing may be among what could not be read.
  if (bad.length > 0) return { status: complete ? 'failed' : 'none', message: told(bad) }
  const open = states.filter(({ state }) => state === 'pending')
  if (open.length > 0) return { status: 'pending', message: told(open) }
  return { status: 'passed', message: `${names.length} required check(s) passed: ${listed(names)}` }
}

const describing = {
  failed: 'failed',
  cancelled: 'was cancelled',
  stale: 'is stale: it never finished',
  skipped: 'was skipped, which is not passed',
  neutral: 'ended neutral, which is not passed',
  pending: 'has not finished',
  passed: 'passed',
} satisfies Record<CommitContext['state'], string>

/** From what decides most to what decides least, when a name was reported more than once. */
const severity = Object.keys(describing) as CommitContext['state'][]

function worst(contexts: readonly CommitContext[], name: string): CommitContext['state'] | null {
  const states = contexts.filter((context) => context.name === name).map(({ state }) => state)
  return severity.find((state) => states.includes(state)) ?? null
}

/** Without names to go by: everything that ran must have passed, and something must have run. */
function judgeAll({ contexts, complete, required, branch }: CommitChecks): Bare {
  const rule =
    required === null
      ? `which checks ${branch} requires cannot be read`
      : `no check is required on ${branch}`
  if (!complete) return { status: 'none', message: `${rule}, and not all results can be read` }
  const ran = contexts.filter(({ state }) => state !== 'skipped' && state !== 'neutral')
  const aside = contexts.length - ran.length
  const beside = aside === 0 ? '' : `; ${aside} skipped or neutral did not count`
  if (ran.length === 0) return { status: 'none', message: `${rule}, and none ran${beside}` }
  const bad = ran.filter(({ state }) => state !== 'passed' && state !== 'pending')
  if (bad.length > 0) return { status: 'failed', message: `${rule}; ${told(bad)}` }
  const open = ran.filter(({ state }) => state === 'pending')
  if (open.length > 0) return { status: 'pending', message: `${rule}; ${told(open)}` }
  return { status: 'passed', message: `${rule}: all ${ran.length} that ran passed${beside}` }
}

function told(results: readonly { name: string; state: CommitContext['state'] | null }[]): string {
  return listed(results.map(({ name, state }) => `${name} ${wordFor(state)}`))
}

function wordFor(state: CommitContext['state'] | null): string {
  return state === null ? 'never ran' : describing[state]
}

function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, 5).join(', ')
  return texts.length > 5 ? `${shown} and ${texts.length - 5} more` : shown
}
