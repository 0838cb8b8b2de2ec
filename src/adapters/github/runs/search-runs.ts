import { correlate, createdSince, type Correlation } from './correlate.ts'
import type { GitHubClient } from '../client/github-client.ts'
import type { WorkflowRun } from '../payloads.ts'
import type { RunRecords, SentRecord } from './run-record.ts'

/** GitHub finds no more. */
const mostRuns = 1000

/** Runs of a workflow that were started by hand or by a program since then. */
export async function listDispatched(
  client: GitHubClient,
  workflow: string,
  since: number,
): Promise<{ runs: WorkflowRun[]; date: number | null }> {
  const { items, date } = await client.list<WorkflowRun>('/actions/workflows/{workflow_id}/runs', {
    params: { workflow_id: workflow, event: 'workflow_dispatch', created: createdSince(since) },
    key: 'workflow_runs',
    most: mostRuns,
  })
  return { runs: items, date }
}

/** Looks once for the run that was asked for. */
export async function searchRun(
  client: GitHubClient,
  records: RunRecords,
  record: SentRecord,
): Promise<Correlation> {
  const { runs } = await listDispatched(client, record.workflow, record.asked_at)
  return correlate(record, runs, await records.runIds())
}
