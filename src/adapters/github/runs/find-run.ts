import { Failure } from '../../../core/failure.ts'
import type { Run, RunOf } from '../../../ports/pipeline.ts'
import type { GitHubPipelineDeps } from '../deps.ts'
import { workflowUrl } from '../web-pages.ts'
import { lookAtRun, type KnownRun, type Look } from './look-at-run.ts'
import type { RunRecord, RunRecords, SentRecord } from './run-record.ts'
import { searchRun } from './search-runs.ts'

/** GitHub may show a run a moment after it said that there is one. */
const youngMs = 120_000

/** The run of a deployment, or null when none is known to exist. */
export async function findRun(
  deps: GitHubPipelineDeps,
  records: RunRecords,
  deployment: RunOf,
): Promise<Run | null> {
  const record = await identified(deps, records, await records.read(deployment.id))
  const refusal = refusalOf(record)
  if (refusal !== null) return await refusedRun(deps, deployment, refusal)
  const sent = record?.sent ? record : null
  const runId = sent?.run_id ?? deployment.run_id
  if (runId === null) return null
  const known = knownRun(deps, deployment, runId, sent)
  const look = await lookAtRun(deps.client, known)
  if (look === null) return await gone(deps, runId, sent)
  if (sent) await remember(records, sent, look)
  return look.run
}

/** What a later look cannot tell any more. */
async function remember(records: RunRecords, record: SentRecord, { answer, run }: Look) {
  const seen = record.seen === null && answer ? { seen: { head_sha: answer.head_sha } } : {}
  const waited = run.state === 'waiting' && !record.waited ? { waited: true as const } : {}
  const change = { ...seen, ...waited }
  if (Object.keys(change).length > 0) await records.update(record, change)
}

/**
 * "Not found" is also what a token gets that may not see a run. It is gone, and so it has ended, only when
 * GitHub lets this token list runs and had time to show this one; until then nobody knows that it does not
 * go on.
 */
async function gone(
  { client, runtime }: GitHubPipelineDeps,
  runId: string,
  record: SentRecord | null,
): Promise<null> {
  await client.list('/actions/runs', { key: 'workflow_runs', most: 1 })
  const isYoung = record !== null && runtime.now() - record.asked_at_here < youngMs
  if (!isYoung && (await client.find('/actions/runs/{run_id}', { run_id: runId })) === null) {
    return null
  }
  throw new Failure({
    code: 'pipeline_unavailable',
    message: `GitHub does not show run ${runId} at the moment`,
    hint: 'call again; a run that is gone for good is told as such two minutes after its start',
    retryable: true,
  })
}

/** The id of the run of a deployment; null when none is known. */
export async function runIdOf(records: RunRecords, { id, run_id }: RunOf): Promise<string | null> {
  const record = await records.read(id)
  return (record?.sent ? record.run_id : null) ?? run_id
}

export function knownRun(
  { environments }: GitHubPipelineDeps,
  deployment: RunOf,
  runId: string,
  record: SentRecord | null,
): KnownRun {
  const environment = environments.find(({ name }) => name === deployment.environment)
  const job = environment?.github.job
  const planned = record?.target_jobs ?? []
  return {
    run_id: runId,
    titles: planned.length > 0 || job == null ? planned : [job],
    environment:
      record?.github_environment ?? environment?.github.environment ?? deployment.environment,
    record,
  }
}

/**
 * A run that was asked for may have shown up meanwhile. One that carries the deployment's id is taken at
 * once; anything less certain is left to the start, which looks twice.
 */
async function identified(
  { client }: GitHubPipelineDeps,
  records: RunRecords,
  record: RunRecord | null,
): Promise<RunRecord | null> {
  if (!record?.sent || record.run_id !== null || record.given_up?.code === 'run_not_started') {
    return record
  }
  const result = await searchRun(client, records, record)
  if (result.found !== 'one' || result.by !== 'title') return record
  return await records.update(record, { run_id: result.run.id })
}

/** Why there is no run and never will be; null when that is not certain. */
function refusalOf(record: RunRecord | null): string | null {
  if (record === null) return null
  if (!record.sent) return record.refused
  const isRefused = record.run_id === null && record.given_up?.code === 'run_not_started'
  return isRefused ? (record.given_up?.cause ?? null) : null
}

async function refusedRun(
  { client, settings, environments }: GitHubPipelineDeps,
  deployment: RunOf,
  cause: string,
): Promise<Run> {
  const environment = environments.find((one) => one.name === deployment.environment)
  const workflow = environment?.github.workflow ?? settings.workflow
  return {
    run_id: deployment.id,
    state: 'refused',
    step: null,
    cause,
    logs_url: await workflowUrl(client, workflow),
    switched: false,
  }
}
