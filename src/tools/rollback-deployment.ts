import * as z from 'zod'
import { isUnderWay, type Deployment } from '../core/deployment.ts'
import { Failure } from '../core/failure.ts'
import type { GateInput } from '../core/gate.ts'
import type { Environment } from '../core/project.ts'
import type { Release } from '../core/release.ts'
import { chooseRollback, type RollbackChoice } from '../core/rollback.ts'
import { oneLine } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import { preflightCheck } from './checks/preflight.ts'
import { defineTool } from './define-tool.ts'
import { carryOut } from './support/carry-out.ts'
import { environmentNamed, pipelineOf } from './support/environments.ts'
import { observe } from './support/observe.ts'
import { readObserved, withObserved } from './support/observed.ts'
import { derivePlan } from './support/planned.ts'
import { schemaOutlook } from './support/rollback-schema.ts'
import { dryRunInput, environmentInput, gitRefInput } from './support/schemas.ts'
import { startedId, summarizeWrite, writeAnswer, writeFields } from './support/write-output.ts'

const input = z.object({
  environment: environmentInput,
  reason: z.string().trim().min(1).max(500),
  target_version: gitRefInput.optional().describe('Default: the last verified release'),
  approval_token: z.string().min(1).max(512).optional(),
  dry_run: dryRunInput,
})

type Input = z.output<typeof input>

/** How far back a rollback target is looked for. */
const historyLimit = 500

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
  const { choice, warnings } =
    repeated && args.target_version === undefined
      ? { choice: againTo(repeated), warnings: [] }
      : await chooseTarget(call, environment, current, args.target_version)
  const planned = await derivePlan(call, {
    action: 'rollback',
    environment,
    release: choice.target,
    git_ref: choice.target.version,
    gates: await workflowGates(call, environment, choice),
    warnings: [
      ...warnings,
      ...neverVerified(choice),
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

/**
 * The deployment under way that this rollback would interrupt, or the rollback that this call may be
 * a repetition of: one under way, or the one its approval was used for. A rollback is never
 * interrupted by another.
 */
async function earlierWork(call: Call, environment: Environment, token: string | undefined) {
  return await call.store.read(async (tables) => {
    const lock = await tables.locks.get(environment.name)
    const holder = lock && (await tables.deployments.get(lock.deployment_id))
    const active = holder && isUnderWay(holder) ? holder : null
    if (active) {
      return active.kind === 'rollback'
        ? { interrupted: null, repeated: active }
        : { interrupted: active, repeated: null }
    }
    const used = token === undefined ? null : await tables.approvals.get(token)
    const started = used?.consumed_by ? await tables.deployments.get(used.consumed_by) : null
    const here = started?.kind === 'rollback' && started.environment === environment.name
    return { interrupted: null, repeated: here ? started : null }
  })
}

/** Where the earlier rollback goes is no matter of what runs meanwhile; admission joins it or refuses. */
function againTo({ id, release }: Deployment): RollbackChoice {
  const explanation = `${release.version} is where ${id} goes back to`
  return { target: release, proven_by: id, verified: true, bypass: false, explanation }
}

async function chooseTarget(
  call: Call,
  environment: Environment,
  current: Release | null,
  wanted: string | undefined,
): Promise<{ choice: RollbackChoice; warnings: string[] }> {
  const wantedSha = wanted === undefined ? undefined : (await call.source.resolve(wanted)).sha
  const { history, holds } = await call.store.read(async (tables) => ({
    history: await tables.deployments.list({ environment: environment.name, limit: historyLimit }),
    holds: await tables.holds.list(environment.name),
  }))
  const held = new Set(holds.map((hold) => hold.sha))
  const { rows: observed, problem } = await readObserved(call)
  // Without its cause, which may change by itself and is not part of what is approved.
  const unread = 'what others deployed lately could not be read, and was not considered'
  const rows = withObserved(
    history.rows,
    observed.filter((row) => row.environment === environment.name),
  )
  const choice = chooseRollback(rows, current?.sha ?? null, held, wantedSha)
  if (choice.target !== null) return { choice, warnings: problem === null ? [] : [unread] }
  throw new Failure({
    code: 'no_rollback_target',
    message: `${environment.name} cannot be rolled back: ${choice.explanation}${problem === null ? '' : `; ${unread} (${problem})`}`,
    hint: 'call list_deployments to see the history; gonogo adopt records a release that runs already',
  })
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

function neverVerified({ target, proven_by, verified, bypass }: RollbackChoice): string[] {
  if (verified) return []
  const around = bypass ? ', and was put there around the approval (BYPASS)' : ''
  const seen = `${target.version} was seen to succeed here (${proven_by})`
  return [`${seen}, never verified by gonogo${around}`]
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
