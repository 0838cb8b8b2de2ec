import { Failure } from '../../../core/failure.ts'
import type { Run, RunOf } from '../../../ports/pipeline.ts'
import { awaitRun } from './await-run.ts'
import type { GitHubPipelineDeps } from '../deps.ts'
import { failureStatus } from '../failure-status.ts'
import { workflowUrl } from '../web-pages.ts'
import { findRun } from './find-run.ts'
import type { RunRecord, RunRecords, SentRecord } from './run-record.ts'

/** How long GitHub may take to end a run, asked and then forced. */
const patienceMs = 60_000
const pauseMs = 3000

/**
 * Ends the run of a deployment. One that was never asked for is refused from now on: the record that
 * says so is the one that a start would have to create.
 */
export async function cancelRun(
  deps: GitHubPipelineDeps,
  records: RunRecords,
  deployment: RunOf,
): Promise<Run | null> {
  const record = await recordOf(records, deployment)
  const sent = await located(deps, records, record)
  const run = await findRun(deps, records, deployment)
  if (run === null) return await neverSeen(deps, deployment, sent)
  if (!goesOn(run)) return run
  return await end(deps, records, deployment, { run, record: sent })
}

async function recordOf(records: RunRecords, deployment: RunOf): Promise<RunRecord | null> {
  const known = await records.read(deployment.id)
  // Without a record of its own, a run that is known was started from another state directory.
  if (known !== null || deployment.run_id !== null) return known
  const refused = 'cancelled before it started'
  await records.create({ correlation_id: deployment.id, sent: false, refused })
  return await records.read(deployment.id)
}

/** A run that was asked for has to be found before it can be ended; null when there is none. */
async function located(
  deps: GitHubPipelineDeps,
  records: RunRecords,
  record: RunRecord | null,
): Promise<SentRecord | null> {
  if (!record?.sent) return null
  if (record.run_id !== null || record.given_up !== null) return record
  try {
    return await awaitRun(deps, records, record)
  } catch (error) {
    if (error instanceof Failure && error.code === 'run_not_started') return null
    throw error
  }
}

/** A start that was accepted may still have a run somewhere: that is not the same as none. */
async function neverSeen(
  { client }: GitHubPipelineDeps,
  { id }: RunOf,
  record: SentRecord | null,
): Promise<Run | null> {
  if (record?.given_up?.code !== 'run_not_found') return null
  return {
    run_id: id,
    state: 'lost',
    step: null,
    cause: record.given_up.cause,
    logs_url: await workflowUrl(client, record.workflow),
    switched: false,
  }
}

interface Ending {
  run: Run
  record: SentRecord | null
}

/**
 * Asks once, waits, forces once, waits; whoever calls again goes on where this stopped. What GitHub did
 * not say yes to is asked again, since the run was just seen to go on: ending it twice ends it once.
 */
async function end(
  deps: GitHubPipelineDeps,
  records: RunRecords,
  deployment: RunOf,
  { run, record }: Ending,
): Promise<Run> {
  for (const [verb, field] of [
    ['cancel', 'cancel_asked_at'],
    ['force-cancel', 'force_asked_at'],
  ] as const) {
    const askedAt = record?.[field] ?? deps.runtime.now()
    if (record?.[field] == null) {
      const isAccepted = await ask(deps, run.run_id, verb)
      if (record && isAccepted) await records.update(record, { [field]: askedAt })
    }
    const ended = await awaitEnd(deps, records, deployment, askedAt + patienceMs)
    if (ended) return ended
  }
  throw new Failure({
    code: 'pipeline_unavailable',
    message: `run ${run.run_id} was cancelled by force, and GitHub still shows it as going on`,
    hint: `look at ${run.logs_url}`,
    retryable: true,
  })
}

/** Whether GitHub said yes. 409: it had ended already. When the answer is lost, the run itself tells. */
async function ask(
  { client }: GitHubPipelineDeps,
  run_id: string,
  verb: 'cancel' | 'force-cancel',
): Promise<boolean> {
  try {
    await client.send('POST', `/actions/runs/{run_id}/${verb}`, { run_id })
    return true
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const isSettled = failureStatus(error) === 409
    if (!isSettled && error.details['outcome'] !== 'unknown') throw error
    return isSettled
  }
}

async function awaitEnd(
  deps: GitHubPipelineDeps,
  records: RunRecords,
  deployment: RunOf,
  deadline: number,
): Promise<Run | null> {
  for (;;) {
    const run = await findRun(deps, records, deployment)
    if (run && !goesOn(run)) return run
    if (deps.runtime.now() >= deadline) return null
    await deps.runtime.sleep(pauseMs)
  }
}

function goesOn({ state }: Run): boolean {
  return state === 'running' || state === 'waiting'
}
