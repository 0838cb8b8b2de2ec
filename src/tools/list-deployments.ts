import * as z from 'zod'
import type { Call } from '../ports/context.ts'
import { defineTool } from './define-tool.ts'
import { ensureKeeper } from './support/ensure-keeper.ts'
import { deploymentOutput, presentDeployment } from './support/deployment-output.ts'
import { environmentNamed } from './support/environments.ts'
import { storeObserved } from './support/observed.ts'
import { environmentInput } from './support/schemas.ts'
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
  }),
  run: list,
  environment: (args) => args.environment ?? null,
  summarize: ({ deployments, total_count, incomplete }) =>
    `${deployments.length} of ${total_count} deployment(s).${incomplete ? ` Those of others are missing: ${incomplete}` : ''}`,
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
  return {
    deployments: rows.map((row) => presentDeployment(row, null)),
    total_count: total,
    retrieved_at: timestamp(call.runtime.now()),
    ...(problem !== null && { incomplete: problem }),
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
