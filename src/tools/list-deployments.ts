import * as z from 'zod'
import type { Deployment } from '../core/deployment.ts'
import type { Call } from '../ports/context.ts'
import { defineTool } from './define-tool.ts'
import { ensureKeeper } from './support/ensure-keeper.ts'
import { deploymentOutput, presentDeployment } from './support/deployment-output.ts'
import { environmentNamed } from './support/environments.ts'
import { lineState, stoppedText } from './support/line.ts'
import { lockOutput, personsLocks } from './support/lock-output.ts'
import { storeObserved } from './support/observed.ts'
import { reviewsOwed } from './support/review-owed.ts'
import { environmentInput, strings } from './support/schemas.ts'
import { timestamp } from './support/time.ts'

const input = z.object({
  environment: environmentInput.optional(),
  limit: z.int().min(1).max(100).default(10),
  include_failed: z.boolean().default(true),
})

/** The history of deployments, newest first. */
export const listDeployments = defineTool({
  name: 'list_deployments',
  title: 'List deployments',
  toolset: 'core',
  effect: 'read',
  description: 'List deployments, newest first.',
  input,
  output: z.object({
    deployments: z.array(deploymentOutput),
    total_count: z.number(),
    retrieved_at: z.string(),
    incomplete: z.string().optional(),
    line_stopped: z.string().optional(),
    locks: z.array(lockOutput).optional(),
    reviews_owed: strings.optional(),
  }),
  run: list,
  environment: (args) => args.environment ?? null,
  summarize: ({ deployments, total_count, incomplete, ...held }) =>
    [
      `${deployments.length} of ${total_count} deployment(s).`,
      ...(incomplete ? [`Those of others are missing: ${incomplete}`] : []),
      ...(held.line_stopped ? [`${upper(held.line_stopped)}.`] : []),
      ...(held.locks ?? []).map(
        ({ environment, holder, reason }) => `${environment} is locked by ${holder} (${reason}).`,
      ),
      ...(held.reviews_owed ? [`A review is owed: ${held.reviews_owed.join(', ')}.`] : []),
    ].join(' '),
})

async function list(args: z.output<typeof input>, call: Call) {
  if (args.environment !== undefined) environmentNamed(call.project, args.environment)
  await watchUnwatched(call)
  const { problem } = await storeObserved(call)
  const { rows, total } = await call.store.read((tables) =>
    tables.deployments.list({
      limit: args.limit,
      includeFailed: args.include_failed,
      ...(args.environment !== undefined && { environment: args.environment }),
    }),
  )
  const owed = (await reviewsOwed(call, ids(rows))).map(({ deployment_id }) => deployment_id)
  return {
    deployments: rows.map((row) => ({
      ...presentDeployment(row, null),
      ...(owed.includes(row.id) && { review_owed: true }),
    })),
    total_count: total,
    retrieved_at: timestamp(call.runtime.now()),
    ...(problem !== null && { incomplete: problem }),
    ...(await heldBack(call)),
    ...(owed.length > 0 && { reviews_owed: owed }),
  }
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function ids(rows: readonly Deployment[]): string[] {
  return rows.map(({ id }) => id)
}

/** What keeps new deployments out: nothing is told where nothing does. */
async function heldBack(call: Call) {
  const line = await lineState(call)
  const locks = await personsLocks(call)
  return {
    ...(line.state === 'stopped' && { line_stopped: stoppedText(line) }),
    ...(locks.length > 0 && { locks }),
  }
}

/** Whoever looks finds a deployment whose keeper died, and gives it a new one: nothing is forgotten. */
async function watchUnwatched(call: Call): Promise<void> {
  if (call.readOnly) return
  const { rows } = await call.store.read((tables) =>
    tables.deployments.list({ limit: 20, underWay: true }),
  )
  for (const row of rows) await ensureKeeper(call, row)
}
