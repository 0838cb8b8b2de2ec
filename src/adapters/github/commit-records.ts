import type { CommitChecks, CommitContext } from '../../core/commit-checks.ts'
import { toFailure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { CommitRecords } from '../../ports/commit-records.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { TestReports } from '../../ports/test-reports.ts'
import { checkState } from './check-state.ts'
import { isUnseen } from './failure-status.ts'
import type { GitHubClient } from './client/github-client.ts'
import { readRequiredChecks } from './required-checks.ts'
import { appOfPicture, fromRequiredSources, type SourcedResult } from './required-sources.ts'
import { readSuite } from './tests/suites.ts'
import { countsOfTitle } from './tests/title-counts.ts'

/** More than a commit has in practice; one beyond it is told, never left out in silence. */
const mostResults = 1000

export interface CommitRecordsDeps {
  client: GitHubClient
  /** What a dry run calls it, such as `acme/clinic`. */
  repository: string
  /** Whose rules say what is required; null: the default branch. */
  branch: string | null
  runtime: Pick<Runtime, 'id'>
  reports: TestReports
  /** Absolute path; what was read of test reports is kept in `github/reports/` below it. */
  stateDirectory: string
}

/** What GitHub recorded about commits: Actions report check runs, others commit statuses. */
export function createCommitRecords(deps: CommitRecordsDeps): CommitRecords {
  return {
    describe: () => deps.repository,
    async look(sha, suites, signal) {
      const checks = await readChecks(deps, sha)
      const results = suites.map((suite) => readSuite(deps, sha, suite, checks.contexts, signal))
      return { checks, suites: await Promise.all(results) }
    },
  }
}

async function readChecks({ client, branch }: CommitRecordsDeps, sha: string) {
  const [runs, statuses, rules] = await Promise.allSettled([
    readCheckRuns(client, sha),
    readStatuses(client, sha),
    readRequiredChecks(client, branch),
  ])
  // Nobody can act on a half that is missing for the same reason as the other one.
  if (runs.status === 'rejected' && statuses.status === 'rejected') throw toFailure(runs.reason)
  if (rules.status === 'rejected') throw toFailure(rules.reason)
  const parts = [partOf(runs, 'check runs'), partOf(statuses, 'commit statuses')]
  const { required, ...about } = rules.value
  const results = parts.flatMap((part) => part.results)
  const counted = fromRequiredSources(results, required ?? [], about.branch)
  return {
    sha,
    contexts: counted.contexts,
    complete: parts.every((part) => part.problems.length === 0),
    branch: about.branch,
    required: required && [...new Set(required.map(({ name }) => name))],
    problems: [
      ...parts.flatMap((part) => part.problems),
      ...about.problems,
      ...counted.problems,
      ...disagreements(counted.contexts),
    ],
  } satisfies CommitChecks
}

interface Part {
  results: SourcedResult[]
  problems: string[]
}

function partOf(result: PromiseSettledResult<Part>, what: string): Part {
  if (result.status === 'fulfilled') return result.value
  // Without permission it stays so; anything else may be another answer a minute later.
  if (!isUnseen(result.reason)) throw toFailure(result.reason)
  return {
    results: [],
    problems: [`the ${what} cannot be read: ${oneLine(result.reason.message)}`],
  }
}

interface CheckRun {
  id: string
  name: string
  status: string
  conclusion: string | null
  html_url: string | null
  started_at: string | null
  app: { id?: string; slug?: string } | null
  output?: { title: string | null; summary: string | null }
}

async function readCheckRuns(client: GitHubClient, sha: string): Promise<Part> {
  const listing = await client.list<CheckRun>('/commits/{ref}/check-runs', {
    params: { ref: sha, filter: 'latest' },
    key: 'check_runs',
    most: mostResults,
  })
  const results = latestAttempts(listing.items).map((run) => {
    const { name, html_url: url } = run
    const result = {
      name: oneLine(name),
      source: 'check_run',
      state: checkState(run),
      url,
    } as const
    return { result: { ...result, report: countsOf(run) }, app: run.app?.id ?? null }
  })
  return { results, problems: cutOff(listing.truncated, 'check runs') }
}

/** `latest` is per suite: two suites of one app can still report the same name. */
function latestAttempts(runs: readonly CheckRun[]): CheckRun[] {
  const latest = new Map<string, CheckRun>()
  for (const run of runs) {
    const key = JSON.stringify([run.name, run.app?.slug])
    const known = latest.get(key)
    if (known === undefined || isLater(run, known)) latest.set(key, run)
  }
  return [...latest.values()]
}

/** One that has not begun is younger than all that have. */
function isLater(run: CheckRun, other: CheckRun): boolean {
  const [time, otherTime] = [run, other].map(({ started_at }) =>
    started_at === null ? Infinity : Date.parse(started_at),
  )
  if (time !== otherTime) return time! > otherTime!
  return BigInt(run.id) > BigInt(other.id)
}

function countsOf({ output }: CheckRun) {
  const [first = ''] = (output?.summary ?? '').trim().split('\n')
  return countsOfTitle(output?.title ?? null) ?? countsOfTitle(first)
}

interface Status {
  context: string
  state: string
  target_url: string | null
  avatar_url: string | null
}

/** The combined status holds the latest of each context. Its own state is `pending` without any. */
async function readStatuses(client: GitHubClient, sha: string): Promise<Part> {
  const listing = await client.list<Status>('/commits/{ref}/status', {
    params: { ref: sha },
    key: 'statuses',
    most: mostResults,
  })
  const results = listing.items.map(({ context, state: word, target_url: url, avatar_url }) => {
    const [name, state] = [oneLine(context), stateOfStatus(word)]
    const result = { name, source: 'status', state, url, report: null } as const
    return { result, app: appOfPicture(avatar_url) }
  })
  return { results, problems: cutOff(listing.truncated, 'commit statuses') }
}

function stateOfStatus(state: string): CommitContext['state'] {
  if (state === 'success') return 'passed'
  return state === 'pending' ? 'pending' : 'failed'
}

function cutOff(truncated: boolean, what: string): string[] {
  return truncated ? [`there are more than ${mostResults} ${what}: the others were not read`] : []
}

/** Names that more than one reported, with different results. */
function disagreements(contexts: readonly CommitContext[]): string[] {
  const byName = Map.groupBy(contexts, ({ name }) => name)
  return [...byName]
    .map(([name, reports]) => ({ name, states: new Set(reports.map(({ state }) => state)) }))
    .filter(({ states }) => states.size > 1)
    .map(({ name, states }) => `${name} was reported more than once: ${[...states].join(', ')}`)
}
