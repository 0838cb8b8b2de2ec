import { join } from 'node:path'
import { redact } from '../../../core/redact.ts'
import type { GitHubClient } from '../client/github-client.ts'
import type { WorkflowJob, WorkflowStep } from '../payloads.ts'
import { reasonOf } from '../archive/archive-problem.ts'
import { readArchiveStep } from './archive-step.ts'
import type { LogCache, Miss } from './log-cache.ts'
import { readEnd, type LogPart } from './log-part.ts'
import { windowOf } from './step-tail.ts'

export interface JobPartDeps {
  client: GitHubClient
  cache: LogCache
  /** Absolute path of a private directory. */
  scratch: string
  /** Milliseconds since the epoch. */
  now: () => number
  secrets: () => readonly string[]
}

export interface JobPart {
  run_id: string
  job: WorkflowJob
  /** The step that is asked for; null: the end of the job. */
  step: WorkflowStep | null
}

/** More than anybody looks at, and no more than is kept in memory and on disk for each job. */
const limits = { lines: 400, bytes: 128 * 1024 }

/** A status is asked for by somebody who waits. */
const timeLimitMs = 20_000

const noLog = 'GitHub has no log of it: it was not written yet, was deleted, or has expired'

/** The end of a finished job's log, or of one step of it. Never fails: `problem` says what is missing. */
export async function readJobPart(deps: JobPartDeps, part: JobPart): Promise<LogPart> {
  const { cache, now } = deps
  const key = `${part.job.id}-${part.step?.number ?? 'end'}`
  return (
    (await keptPart(deps, part, key)) ??
    (await cache.alone(key, async () => {
      const kept = await keptPart(deps, part, key)
      if (kept !== null) return kept
      const { lines: raw, problem } = await readFresh(deps, part)
      // GitHub masks the secrets it knows; a key over several lines is one, too.
      const lines = raw.length === 0 ? [] : redact(raw.join('\n'), deps.secrets()).split('\n')
      const keeping =
        problem === null
          ? cache.write(key, lines)
          : cache.writeMiss(key, { problem, lines: [...lines], at: now() })
      await keeping.catch(() => undefined)
      return { lines, problem }
    }))
  )
}

const pauseMs = { least: 5000, usual: 15_000, most: 600_000 }

/** What could not be read whole may be there the next time. Each try is a request that GitHub counts. */
async function keptPart(
  { cache, now }: JobPartDeps,
  { job }: JobPart,
  key: string,
): Promise<LogPart | null> {
  const known = await cache.read(key)
  if (known !== null) return { lines: known, problem: null }
  const miss = await cache.readMiss(key)
  if (miss === null) return null
  const { lines, problem, at } = miss
  return now() < at + pauseAfter(miss, job) ? { lines, problem } : null
}

/** A log that has been missing for long will not come. */
function pauseAfter({ problem, at }: Miss, { completed_at }: WorkflowJob): number {
  if (problem !== noLog) return pauseMs.usual
  const missingFor = at - (Date.parse(completed_at ?? '') || at)
  return Math.min(pauseMs.most, Math.max(pauseMs.least, missingFor / 2))
}

async function readFresh(deps: JobPartDeps, part: JobPart): Promise<LogPart> {
  const fromJob = await readJobLog(deps, part)
  if (part.step === null || fromJob?.ofStep) return fromJob ?? { lines: [], problem: noLog }
  const fromArchive = await readFromArchive(deps, part, part.step)
  if (fromArchive.lines.length > 0) return fromArchive
  if (fromJob === null) return { lines: [], problem: noLog }
  const problem = fromJob.problem ?? `which lines are this step's is not known`
  return { lines: fromJob.lines, problem }
}

async function readJobLog(deps: JobPartDeps, { job, step }: JobPart) {
  const route = '/actions/jobs/{job_id}/logs'
  try {
    const signal = AbortSignal.timeout(timeLimitMs)
    const log = await deps.client.download(route, { job_id: job.id }, { signal })
    return log && (await readEnd(log.body, limits, step && windowOf(step)))
  } catch (error) {
    return { lines: [], problem: `it cannot be read: ${reasonOf(error)}`, ofStep: false }
  }
}

/** Which lines a step wrote is known for certain only there, when GitHub put it there. */
function readFromArchive(
  { client, scratch }: JobPartDeps,
  { run_id, job }: JobPart,
  step: WorkflowStep,
): Promise<LogPart> {
  const route = '/actions/runs/{run_id}/attempts/{attempt_number}/logs'
  const params = { run_id, attempt_number: job.run_attempt ?? 1 }
  const signal = AbortSignal.timeout(timeLimitMs)
  return readArchiveStep(
    (range) => client.download(route, params, { signal, ...(range && { range }) }),
    { job: job.name, step, limits, scratch: join(scratch, 'archives') },
  )
}
