import * as z from 'zod'
import { productionOf } from '../core/project.ts'
import type { Call } from '../ports/context.ts'
import { defineTool } from './define-tool.ts'
import { carryOut } from './support/carry-out.ts'
import { pipelineOf, production } from './support/environments.ts'
import { estimatedMinutes } from './support/estimate.ts'
import { planFor } from './support/plan-for.ts'
import {
  allowOlderInput,
  dryRunInput,
  gitRefInput,
  overrideFreezeInput,
  reasonInput,
} from './support/schemas.ts'
import { wantedWaivers } from './support/wanted-waivers.ts'
import { startedId, summarizeWrite, writeAnswer, writeFields } from './support/write-output.ts'

const input = z.object({
  staging_version: gitRefInput.describe('Version, tag or commit that staging runs'),
  approval_token: z.string().min(1).max(512).optional().describe('Id of an approved request'),
  skip_smoke_tests: z.boolean().default(false).describe('Waive the proof from staging'),
  allow_older: allowOlderInput,
  override_freeze: overrideFreezeInput,
  break_glass: z
    .boolean()
    .default(false)
    .describe('Emergency: no proof from staging, no freeze; wants a reason, owes a review'),
  reason: reasonInput.optional(),
  dry_run: dryRunInput.describe('Return the plan, change nothing'),
})

/** Puts what staging has proven into production, once a person signed the exact plan. */
export const promoteToProduction = defineTool({
  name: 'promote_to_production',
  title: 'Promote to production',
  toolset: 'core',
  effect: 'destructive',
  description:
    'Deploy what staging runs to production. Without an approval it answers waiting_approval with ' +
    'the command a person must run; then call again with that id. Follow it with get_deployment_status.',
  input,
  output: z.object({
    deployment_id: z.string().nullable(),
    staging_version: z.string(),
    production_version: z.string().nullable(),
    estimated_duration_minutes: z.number().nullable(),
    ...writeFields,
  }),
  run: promote,
  environment: (_args, project) => productionOf(project)?.name ?? null,
  summarize: (output) =>
    summarizeWrite(`promotion of ${output.staging_version}`, output, output.deployment_id),
})

async function promote(args: z.output<typeof input>, call: Call) {
  pipelineOf(call)
  const environment = production(call.project)
  const planned = await planFor(call, {
    environment,
    git_ref: args.staging_version,
    allowOlder: args.allow_older,
    skipSmokeTests: args.skip_smoke_tests,
    ...wantedWaivers(args),
  })
  const outcome = await carryOut(call, planned, args)
  return {
    ...writeAnswer(planned, outcome),
    deployment_id: startedId(outcome),
    staging_version: planned.plan.release.version,
    production_version: planned.plan.from?.version ?? null,
    estimated_duration_minutes: await estimatedMinutes(call, environment.name),
  }
}
