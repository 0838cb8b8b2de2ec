import type { Environment } from '../../../core/project.ts'
import type { Release } from '../../../core/release.ts'
import { oneLine } from '../../../core/text.ts'
import type { SentRecord } from '../runs/run-record.ts'
import { verifiedConsent } from './consent.ts'
import type { Reading } from './deps.ts'
import { isOver, type DeploymentFacts, type RunFacts } from './facts.ts'
import type { HistoryEntry } from './history.ts'
import { outcomeOf, recordedOutcome, type Finishing, type Outcome } from './outcome.ts'
import { ownerOf, type OwnRuns } from './own-runs.ts'
import { forEach } from './parallel.ts'
import { readDeployments } from './read-deployments.ts'
import { readRun, type ListedRun } from './read-runs.ts'
import { named, releaseOfRun, type Deployed } from './release-of.ts'
import type { Tags } from './tags.ts'
import { isAbout, unrecordedRuns } from './unrecorded-runs.ts'
import { finishingJobs, titleOf, workflowOf } from './workflow-facts.ts'

/** What one look reads once for all environments. */
export interface Shared {
  environment: Environment
  own: OwnRuns
  tags: Tags
  runs: ReadonlyMap<string, ListedRun>
}

export async function environmentHistory(
  reading: Reading,
  shared: Shared,
): Promise<HistoryEntry[]> {
  const deployments = await readDeployments(reading, shared.environment.github.environment)
  const byRun = Map.groupBy(deployments, ({ run_id }) => run_id)
  const loose = (byRun.get(null) ?? []).flatMap((facts) => looseEntry(facts, shared))
  byRun.delete(null)
  const ids = [
    ...byRun.keys(),
    ...unrecordedRuns(reading, shared.environment, { byRun, ...shared }),
  ]
  const entries = await forEach(ids, async (id) =>
    runEntries(reading, id!, byRun.get(id) ?? [], shared),
  )
  return [...loose, ...entries.flat()]
}

/** What somebody recorded without a run of GitHub Actions. */
function looseEntry(facts: DeploymentFacts, { environment, own, tags }: Shared): HistoryEntry[] {
  const record = facts.gonogo === null ? null : (own.byDeployment.get(facts.gonogo) ?? null)
  // GitHub Actions say a moment later which run it is: until then nobody can tell whose it is.
  if (facts.state === 'silent') return []
  return [
    {
      external_id: `deployment/${facts.id}`,
      environment: environment.name,
      release: record?.release ?? named(facts.sha, tags),
      git_ref: oneLine(facts.ref),
      ...recordedOutcome([facts]),
      initiated_by: initiatorOf(facts.creator),
      run_id: record?.run_id ?? null,
      correlation_id: record === null ? facts.gonogo : null,
      consent_verified: facts.gonogo !== null || !isOver(facts) ? null : false,
      created_at: facts.created_at,
      own: record,
    },
  ]
}

async function runEntries(
  reading: Reading,
  id: string,
  deployments: readonly DeploymentFacts[],
  shared: Shared,
): Promise<HistoryEntry[]> {
  const wanted = deployments.flatMap(({ job_id }) => job_id ?? [])
  const run = await readRun(reading, id, { listed: shared.runs.get(id), wanted })
  if (run === null) return deletedRun(id, deployments, shared)
  const attemptOf = new Map(run.jobs.map((job) => [job.id, job.attempt]))
  const byAttempt = Map.groupBy(deployments, ({ job_id }) =>
    job_id === null ? 1 : (attemptOf.get(job_id) ?? run.attempt),
  )
  if (byAttempt.size === 0) byAttempt.set(run.attempt, [])
  const entries = [...byAttempt].map(([attempt, made]) =>
    attemptEntry(reading, { run, attempt, made }, shared),
  )
  return (await Promise.all(entries)).filter((entry) => entry !== null)
}

interface Attempt {
  run: RunFacts
  attempt: number
  made: readonly DeploymentFacts[]
}

async function attemptEntry(
  reading: Reading,
  { run, attempt, made }: Attempt,
  shared: Shared,
): Promise<HistoryEntry | null> {
  const { environment, tags } = shared
  const { own, correlation_id } = ownerOf(run, attempt, shared.own)
  if (own !== null && own.environment !== environment.name) return null
  const sure = own !== null || made.length > 0
  if (!sure && !isAbout(run, environment, reading.environments)) return null
  const place = environment.github.environment
  const finishing = await finishingOf(
    reading,
    { run, attempt, made },
    environment,
    own?.target_jobs,
  )
  const outcome = outcomeOf({ run, attempt, deployments: made, finishing })
  if (outcome === null) return null
  const deployed: Deployed = own
    ? { release: releaseOfOwn(own, run, tags) }
    : await releaseOfRun(reading, run, place, tags)
  return {
    external_id: `run/${run.id}/${attempt}/${environment.name}`,
    environment: environment.name,
    release: deployed.release,
    git_ref: oneLine(run.head_branch ?? run.head_sha),
    ...withWhy(outcome, deployed),
    initiated_by: initiatorOf(actorOf(run, attempt)),
    run_id: run.id,
    correlation_id,
    consent_verified: await verifiedConsent(reading, run, attempt),
    created_at: createdAt(run, attempt, made),
    own,
  }
}

/** A run that deploys the commit it runs on may have been started on another one: the branch had moved. */
function releaseOfOwn({ carried_by, release }: SentRecord, run: RunFacts, tags: Tags): Release {
  return carried_by === 'ref' && run.head_sha !== release.sha ? named(run.head_sha, tags) : release
}

/** GitHub tells who started the first attempt and the latest. */
function actorOf({ starter, actor, attempt: latest }: RunFacts, attempt: number): string | null {
  if (attempt === 1) return starter
  return attempt === latest ? actor : null
}

/** The configured job, else what was planned, else what the workflow's text says where it matters. */
async function finishingOf(
  reading: Reading,
  { run, attempt, made }: Attempt,
  { github }: Environment,
  planned: readonly string[] = [],
): Promise<Finishing | null> {
  if (github.job !== null) return { titles: [await titleOf(reading, run, github.job)], all: true }
  if (planned.length > 0) return { titles: planned, all: true }
  const jobs = run.jobs.filter((job) => job.attempt === attempt)
  // Where nothing was skipped, the jobs that GitHub recorded are all there are.
  if (made.length === 0 || !jobs.some(({ conclusion }) => conclusion === 'skipped')) return null
  return finishingJobs(await workflowOf(reading, run), github.environment)
}

function withWhy(outcome: Outcome, deployed: Deployed): Outcome {
  if (deployed.release !== null || outcome.cause !== null) return outcome
  return { ...outcome, cause: deployed.why }
}

function deletedRun(
  id: string,
  deployments: readonly DeploymentFacts[],
  { environment, own }: Shared,
): HistoryEntry[] {
  const [first] = deployments.toSorted((left, right) => left.created_at - right.created_at)
  if (first === undefined) return []
  const record = own.byRun.get(id) ?? null
  const outcome = recordedOutcome(deployments)
  return [
    {
      external_id: `run/${id}/1/${environment.name}`,
      environment: environment.name,
      release: record?.release ?? null,
      git_ref: oneLine(first.ref),
      ...outcome,
      cause: outcome.cause ?? (record === null ? 'its run was deleted from GitHub' : null),
      initiated_by: initiatorOf(first.creator),
      run_id: id,
      correlation_id: null,
      consent_verified: null,
      created_at: first.created_at,
      own: record,
    },
  ]
}

function createdAt(run: RunFacts, attempt: number, made: readonly DeploymentFacts[]): number {
  const times = made.map(({ created_at }) => created_at)
  if (times.length > 0) return Math.min(...times)
  if (attempt === 1) return run.created_at
  const jobs = run.jobs.filter((job) => job.attempt === attempt)
  const starts = jobs.flatMap(({ started_at }) => started_at ?? [])
  return starts.length > 0 ? Math.min(...starts) : run.created_at
}

function initiatorOf(login: string | null): string {
  return `github:${login === null ? 'unknown' : oneLine(login, 60)}`
}
