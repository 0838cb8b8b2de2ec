import type { Deployment } from '../../core/deployment.ts'
import { openRequests } from '../../desk/decide.ts'
import type { Call } from '../../ports/context.ts'
import { listDeployments } from '../../tools/list-deployments.ts'
import { usualDuration } from '../../tools/support/estimate.ts'
import { readLane } from './read-lane.ts'
import type { OverviewView, UnderWayView, WaitingView } from './view.ts'

const shownDeployments = 20

/** Everything that goes on. Listing also gives a deployment whose keeper died a new one. */
export async function readOverview(call: Call): Promise<OverviewView> {
  await listDeployments.call({ limit: 1 }, call)
  const { rows } = await call.store.read((tables) =>
    tables.deployments.list({ limit: shownDeployments, underWay: true }),
  )
  return {
    project: call.project.name,
    lane: await readLane(call),
    underWay: await Promise.all(rows.map((row) => underWayOf(call, row))),
    waiting: (await openRequests(call)).map(waitingOf),
  }
}

async function underWayOf(call: Call, row: Deployment): Promise<UnderWayView> {
  const run = (await call.pipeline?.find(row).catch(() => null)) ?? null
  const step = row.phase === 'running' && run?.step ? `, ${run.step}` : ''
  return {
    id: row.id,
    what: `${row.kind} of ${row.release.version} to ${row.environment}`,
    doing: `${row.phase}${step}`,
    startedAt: row.created_at,
    usualMs: await usualDuration(call, row.environment, row.kind),
    trouble: row.last_error,
  }
}

function waitingOf({
  id,
  request,
  requester,
  expires_at,
}: Awaited<ReturnType<typeof openRequests>>[number]): WaitingView {
  const what = `${request.action} ${request.version} to ${request.environment}`
  return { id, what, requester, expiresAt: expires_at }
}
