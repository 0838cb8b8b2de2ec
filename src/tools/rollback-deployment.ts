import * as z from 'zod'
import { isUnderWay, type Deployment } from '../core/deployment.ts'
import type { GateInput } from '../core/gate.ts'
import { isSamePerson } from '../core/lock.ts'
import { principalLabel } from '../core/principal.ts'
import type { Environment } from '../core/project.ts'
import type { Release } from '../core/release.ts'
import type { RollbackChoice } from '../core/rollback.ts'
import { oneLine } from '../core/text.ts'
import { waive } from '../core/waiver.ts'
import type { Call } from '../ports/context.ts'
import { preflightCheck } from './checks/preflight.ts'
import { defineTool } from './define-tool.ts'
import { underBasePolicy } from './support/base-policy.ts'
import { carryOut } from './support/carry-out.ts'
import { environmentNamed, pipelineOf } from './support/environments.ts'
import { requestOf } from './support/find-request.ts'
import { observe } from './support/observe.ts'
import { derivePlan } from './support/planned.ts'
import { schemaOutlook } from './support/rollback-schema.ts'
import { chooseTarget } from './support/rollback-target.ts'
import { dryRunInput, environmentInput, gitRefInput, reasonInput } from './support/schemas.ts'
import { startedId, summarizeWrite, writeAnswer, writeFields } from './support/write-output.ts'

const input = z.object({
  environment: environmentInput,
  reason: reasonInput,
  target_version: gitRefInput.optional().describe('Default: the last verified release'),
  approval_token: z.string().min(1).max(512).optional(),
  break_glass: z
    .boolean()
    .default(false)
    .describe('Emergency: also to a release held or never verified here; owes a review'),
  dry_run: dryRunInput,
})

type Input = z.output<typeof input>

/** Returns an environment to a release that was verified in it. Never blocked by new advisories. */
export const rollbackDeployment = defineTool({
  name: 'rollback_deployment',
  title: 'Roll back a deployment',
  toolset: 'core',
  effect: 'destructive',
  description:
    'Put the last verified release back. Interrupts a deployment under way. Production wants an ' +
    'approval, as promote_to_production does. The release left behind is held.',
  input,
  output: z.object({
    environment: z.string(),
    from_version: z.string().nullable(),
    to_version: z.string(),
    rollback_id: z.string().nullable(),
    explanation: z.string(),
    ...writeFields,
  }),
  run: rollBack,
  environment: (args) => args.environment,
  summarize: (output) =>
    summarizeWrite(
      `rollback of ${output.environment} to ${output.to_version}`,
      output,
      output.rollback_id,
    ),
})

async function rollBack(args: Input, call: Call) {
  pipelineOf(call)
  const environment = environmentNamed(call.project, args.environment)
  const { interrupted, repeated } = await earlierWork(call, environment, args.approval_token)
  const current =
    repeated?.from ?? interrupted?.release ?? (await observe(call, environment)).release
  const { break_glass: breakGlass, target_version: wanted } = args
  const { choice, warnings, gates } =
    repeated && wanted === undefined
      ? { choice: againTo(repeated), warnings: [], gates: [] }
      : await chooseTarget(call, environment, current, { wanted, breakGlass })
  // Whose consent it takes, the branch says as well; what it says of releases blocks no way back.
  const held = await underBasePolicy(call, environment)
  const planned = await derivePlan(held.call, {
    action: 'rollback',
    environment: held.environment,
    release: choice.target,
    git_ref: choice.target.version,
    ...waived([...gates, ...(await workflowGates(call, environment, choice))], breakGlass),
    warnings: [
      ...warnings,
      ...held.warnings,
      ...(await heldByPerson(call, environment)),
      ...(await neverCurrent(call, environment, current)),
      await schemaOutlook(call, environment, current, choice.target),
    ],
    reason: oneLine(args.reason, 500),
    preempts: interrupted?.id ?? null,
  })
  const outcome = await carryOut(call, planned, args)
  return {
    ...writeAnswer(planned, outcome),
    environment: environment.name,
    from_version: current?.version ?? null,
    to_version: choice.target.version,
    rollback_id: startedId(outcome),
    explanation: choice.explanation,
  }
}

function waived(gates: readonly GateInput[], breakGlass: boolean) {
  const skips = breakGlass ? ['break_glass'] : []
  return { ...waive(gates, { action: 'rollback', before: null, skips }), skips }
}

/**
 * The deployment under way that this rollback would interrupt, or the rollback that this call may be
 * a repetition of: one under way, or the one its approval was used for. A rollback is never
 * interrupted by another.
 */
async function earlierWork(call: Call, environment: Environment, token: string | undefined) {
  return await call.store.read(async (tables) => {
    const lock = await tables.locks.get(environment.name)
    const id = lock?.deployment_id ?? null
    const holder = id === null ? null : await tables.deployments.get(id)
    const active = holder && isUnderWay(holder) ? holder : null
    if (active) {
      return active.kind === 'rollback'
        ? { interrupted: null, repeated: active }
        : { interrupted: active, repeated: null }
    }
    const used = token === undefined ? null : (await requestOf(call, tables, token))?.approval
    const started = used?.consumed_by ? await tables.deployments.get(used.consumed_by) : null
    const here = started?.kind === 'rollback' && started.environment === environment.name
    return { interrupted: null, repeated: here ? started : null }
  })
}

/** Somebody who took the environment is not asked, since what is broken must be able to go back; it is said. */
async function heldByPerson(call: Call, environment: Environment): Promise<string[]> {
  const lock = await call.store.read((tables) => tables.locks.get(environment.name))
  const person = lock?.deployment_id === null ? lock : lock?.lent_by
  if (!person || isSamePerson(person.holder, principalLabel(call.principal))) return []
  const who = `${oneLine(person.holder, 60)} (${oneLine(person.reason, 80)})`
  return [`${environment.name} is locked by ${who}: the rollback goes past that lock`]
}

/** Where the earlier rollback goes is no matter of what runs meanwhile; admission joins it or refuses. */
function againTo({ id, release }: Deployment): RollbackChoice {
  const explanation = `${release.version} is where ${id} goes back to`
  return { target: release, proven_by: id, verified: true, bypass: false, explanation }
}

/** A way back may be tried whatever a workflow looks like; what speaks against it is said. */
async function workflowGates(
  call: Call,
  environment: Environment,
  { target: release }: RollbackChoice,
): Promise<GateInput[]> {
  if (!call.pipeline?.preflight) return []
  const intent = { action: 'rollback', environment, release } as const
  return [{ requirement: 'advisory', check: await preflightCheck(call, intent, 'advisory') }]
}

/** A deployment that failed before it became current took nothing away: then there is nothing to undo. */
async function neverCurrent(
  call: Call,
  environment: Environment,
  current: Release | null,
): Promise<string[]> {
  const { rows } = await call.store.read((tables) =>
    tables.deployments.list({ environment: environment.name, limit: 1 }),
  )
  const [newest] = rows
  if (!newest || !current || newest.status !== 'failure' || newest.kind === 'rollback') return []
  if (newest.release.sha === current.sha) return []
  return [
    `${newest.release.version} never became current: this replaces ${current.version}, which runs`,
  ]
}
