import { createRunRecords, type SentRecord } from '../runs/run-record.ts'
import { sameName } from '../same-name.ts'
import type { RunFacts } from './facts.ts'
import { deploymentIdIn } from './title.ts'
import type { HistoryDeps } from './deps.ts'

/** What this gonogo started, by its records. */
export interface OwnRuns {
  byRun: ReadonlyMap<string, SentRecord>
  byDeployment: ReadonlyMap<string, SentRecord>
}

export async function ownRuns(
  stateDirectory: string,
  runtime: HistoryDeps['runtime'],
): Promise<OwnRuns> {
  const records = await createRunRecords(stateDirectory, runtime).list()
  const sent = records.filter((record) => record.sent)
  return {
    byRun: new Map(sent.flatMap((record) => (record.run_id ? [[record.run_id, record]] : []))),
    byDeployment: new Map(sent.map((record) => [record.correlation_id, record])),
  }
}

/** Whose deployment an attempt of a run is. */
export interface Owner {
  own: SentRecord | null
  /** The id of another gonogo's deployment. */
  correlation_id: string | null
}

const nobody: Owner = { own: null, correlation_id: null }

function isStillSought({ run_id, given_up, login }: SentRecord, { starter }: RunFacts): boolean {
  const isOurs = login === null || sameName(starter, login)
  return run_id === null && given_up?.code !== 'run_not_started' && isOurs
}

/**
 * The first attempt of a run we started is ours; gonogo never runs one again, so a later attempt is not.
 * A title can be copied: a run that carries the id of one of our deployments is ours only while we do
 * not know that deployment's run, and only if our login started it.
 */
export function ownerOf(run: RunFacts, attempt: number, own: OwnRuns): Owner {
  if (attempt > 1) return nobody
  const started = own.byRun.get(run.id)
  if (started) return { own: started, correlation_id: null }
  if (run.event !== 'workflow_dispatch') return nobody
  const id = deploymentIdIn(run.title)
  const named = id === null ? undefined : own.byDeployment.get(id)
  if (named === undefined) return { own: null, correlation_id: id }
  return isStillSought(named, run) ? { own: named, correlation_id: null } : nobody
}
