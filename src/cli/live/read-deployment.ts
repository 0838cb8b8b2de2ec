import type { Deployment } from '../../core/deployment.ts'
import type { Check } from '../../core/check.ts'
import type { Plan } from '../../core/plan.ts'
import type { Call } from '../../ports/context.ts'
import type { Run } from '../../ports/pipeline.ts'
import type { ToolAnswer } from '../../tools/define-tool.ts'
import { usualDuration } from '../../tools/support/estimate.ts'
import { lastLog } from './last-log.ts'
import { readLane } from './read-lane.ts'
import { reachedStep, stepsOf } from './steps.ts'
import type { DeploymentView } from './view.ts'

const logLines = 40

/** What the view is read from beside the answer: memory of one deployment, from one look to the next. */
export type DeploymentReader = (answer: ToolAnswer) => Promise<DeploymentView>

interface Status {
  checks: Check[]
  watched_by?: string | null
  trouble?: string
  waiting_for?: string
}

/** Reads one deployment, again and again. History is asked once: it does not change meanwhile. */
export function deploymentReader(call: Call, id: string): DeploymentReader {
  let usualMs: number | null | undefined
  let reached = -1
  return async ({ output }) => {
    const row = await rowOf(call, id)
    usualMs = usualMs === undefined ? await usualDuration(call, row.environment, row.kind) : usualMs
    const { checks, watched_by, trouble, waiting_for } = output as unknown as Status
    const run = await runOf(call, row)
    // What others started was not planned here.
    const plan = row.plan === '' ? null : (JSON.parse(row.plan) as Plan)
    if (plan) reached = reachedStep({ plan, run, reached })
    return {
      ...facts(row),
      usualMs,
      lane: await readLane(call),
      steps: plan ? stepsOf({ row, plan, run, checks, reached }, call.project) : [],
      watchedBy: watched_by ?? null,
      trouble: waiting_for ?? trouble ?? null,
      log: await lastLog(call, id, logLines),
    }
  }
}

/** A pipeline that cannot be asked right now is told of by the answer; the view goes on. */
async function runOf(call: Call, row: Deployment): Promise<Run | null> {
  return (await call.pipeline?.find(row).catch(() => null)) ?? null
}

async function rowOf(call: Call, id: string): Promise<Deployment> {
  const row = await call.store.read((tables) => tables.deployments.get(id))
  if (row === null) throw new Error(`deployment ${id} is gone`)
  return row
}

function facts(row: Deployment) {
  return {
    id: row.id,
    kind: row.kind,
    environment: row.environment,
    status: row.status,
    phase: row.phase,
    version: row.release.version,
    initiatedBy: row.initiated_by,
    startedAt: row.created_at,
    endedAt: row.completed_at,
    fault: row.fault,
  }
}
