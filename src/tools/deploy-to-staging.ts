import * as z from 'zod'
import { stagingOf } from '../core/project.ts'
import type { Call } from '../ports/context.ts'
import { defineTool } from './define-tool.ts'
import { carryOut } from './support/carry-out.ts'
import { pipelineOf, staging } from './support/environments.ts'
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
  git_ref: gitRefInput,
  approval_token: z.string().min(1).max(512).optional(),
  allow_older: allowOlderInput,
  override_freeze: overrideFreezeInput,
  reason: reasonInput.optional(),
  dry_run: dryRunInput,
})

/** Puts a validated commit into the environment before production. */
export const deployToStaging = defineTool({
  name: 'deploy_to_staging',
  title: 'Deploy to staging',
  toolset: 'delivery',
  effect: 'write',
  description: 'Deploy a validated commit to staging. Call validate_deployment for it first.',
  input,
  output: z.object({
    deployment_id: z.string().nullable(),
    environment: z.string(),
    version: z.string(),
    estimated_duration_minutes: z.number().nullable(),
    ...writeFields,
  }),
  run: deploy,
  environment: (_args, project) => stagingOf(project)?.name ?? null,
  summarize: (output) =>
    summarizeWrite(
      `${output.environment} deployment of ${output.version}`,
      output,
      output.deployment_id,
    ),
})

async function deploy(args: z.output<typeof input>, call: Call) {
  pipelineOf(call)
  const environment = staging(call.project)
  const { git_ref, allow_older: allowOlder } = args
  const waivers = wantedWaivers(args)
  const planned = await planFor(call, { environment, git_ref, allowOlder, ...waivers })
  const outcome = await carryOut(call, planned, args)
  return {
    ...writeAnswer(planned, outcome),
    deployment_id: startedId(outcome),
    environment: environment.name,
    version: planned.plan.release.version,
    estimated_duration_minutes: await estimatedMinutes(call, environment.name),
  }
}
