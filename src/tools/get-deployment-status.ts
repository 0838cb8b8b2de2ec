import * as z from 'zod'
import type { Check } from '../core/check.ts'
import { isUnderWay, type Deployment } from '../core/deployment.ts'
import { Failure, toFailure } from '../core/failure.ts'
import { findEnvironment } from '../core/project.ts'
import { logTail, oneLine, tokenCost } from '../core/text.ts'
import type { Call } from '../ports/context.ts'
import type { Evidence } from '../ports/store.ts'
import { defineTool } from './define-tool.ts'
import { gateSubject } from './support/evidence.ts'
import { ensureKeeper } from './support/ensure-keeper.ts'
import { deploymentOutput, presentDeployment } from './support/deployment-output.ts'
import { askHealth } from './support/health.ts'
import { storeObserved } from './support/observed.ts'
import { reviewOwedFor } from './support/review-owed.ts'
import { checkOutput, strings } from './support/schemas.ts'

const input = z.object({
  deployment_id: z.string().min(1).max(64),
  checks: z.boolean().default(false).describe('Every check with all it saw'),
})

const logLines = 20
/** Together with its summary the answer about a failed deployment stays below 600 tokens. */
const answerTokens = 540
const leastLogTokens = 50
/** What a check says. */
const messageLength = 100
/** What the platform answered is at the end of it. A live system that failed tells more beside. */
const causeLength = { verifying: messageLength, other: 250 }

/** Where one deployment stands. Health is asked now, not remembered. */
export const getDeploymentStatus = defineTool({
  name: 'get_deployment_status',
  title: 'Get deployment status',
  toolset: 'core',
  effect: 'read',
  description:
    'Show one deployment: phase, checks, last log lines, health asked now. Poll every 5 s.',
  input,
  output: z.object({
    deployment: deploymentOutput,
    checks: z.array(checkOutput),
    logs: strings,
    health_checks: z.record(z.string(), z.unknown()),
    failure: z
      .object({ phase: z.string(), step: z.string().nullable(), cause: z.string() })
      .optional(),
    watched_by: z.string().nullable().optional(),
    waiting_for: z.string().optional(),
    trouble: z.string().optional(),
    next: z.string().optional(),
  }),
  run: status,
  environment: () => null,
  summarize: ({ deployment, failure, next }) => {
    const what = `${deployment.kind} of ${deployment.version} to ${deployment.environment}`
    const step = failure?.step ? `${failure.step}: ` : ''
    const why = failure ? ` in ${failure.phase}: ${step}${failure.cause}` : ''
    return `${what}: ${deployment.status}${why}.${next ? ` Next: ${next}` : ''}`
  },
})

async function status({ deployment_id, checks: whole }: z.output<typeof input>, call: Call) {
  const { row, evidence, unread } = await load(call, deployment_id)
  const { run, log, problem } = await lookAtRun(call, row, unread)
  const environment = findEnvironment(call.project, row.environment)
  const next = nextCall(row, run?.switched === true)
  const owed = await reviewOwedFor(call, row.id)
  const answer = {
    deployment: {
      ...presentDeployment(row, run?.logs_url ?? null),
      ...(owed && { review_owed: true }),
    },
    checks: whole ? evidence.map(({ check }) => check) : foundAfterwards(evidence).map(brief),
    health_checks: environment ? await askHealth(call, environment) : {},
    ...(row.fault && { failure: shortened(row.fault) }),
    ...(run?.state === 'waiting' && { waiting_for: oneLine(run.cause ?? '', 200) }),
    ...(await whileUnderWay(call, row, problem)),
    ...(next && { next }),
  }
  return { ...answer, logs: lastLines(log, roomBeside(answer)) }
}

function shortened<T extends { phase: string; cause: string }>(fault: T): T {
  const length = fault.phase === 'verifying' ? causeLength.verifying : causeLength.other
  return { ...fault, cause: oneLine(fault.cause, length) }
}

/** Who drives it, started here if nobody does, and what keeps them from getting on. */
async function whileUnderWay(call: Call, row: Deployment, problem: string | null) {
  const trouble = row.last_error ?? problem
  const told = trouble === null ? {} : { trouble }
  if (row.phase === 'ended' || call.readOnly) return problem === null ? {} : { trouble: problem }
  const { watched_by } = await ensureKeeper(call, row)
  return { watched_by, ...told }
}

/** A pipeline that cannot be asked right now takes nothing from what the records tell. */
async function lookAtRun(call: Call, row: Deployment, unread: string | null) {
  // Who did not answer a moment ago is not waited for once more.
  if (unread !== null) return { run: null, log: '', problem: unread }
  try {
    const run = (await call.pipeline?.find(row)) ?? null
    const log = run && (await call.pipeline?.log(row, { maxBytes: 16_384 }))
    return { run, log: log?.text ?? '', problem: null }
  } catch (error) {
    return { run: null, log: '', problem: oneLine(toFailure(error).message, 200) }
  }
}

/** What is left for the log. Names and ids, most of an answer, cost less than `tokenCost` says. */
function roomBeside(answer: object): number {
  const others = 0.75 * tokenCost(JSON.stringify(answer))
  return Math.max(leastLogTokens, answerTokens - others)
}

async function load(call: Call, id: string) {
  // What others started is not driven here: looking is how it gets on.
  const observed = id.startsWith('obs_') ? await storeObserved(call) : null
  const unread = observed?.problem ?? null
  const found = await call.store.read(async (tables) => ({
    row: await tables.deployments.get(id),
    evidence: await tables.evidence.ofDeployment(id),
  }))
  if (found.row) return { row: found.row, evidence: found.evidence, unread }
  throw new Failure({
    code: 'unknown_deployment',
    message: `there is no deployment "${oneLine(id, 64)}"`,
    hint: 'call list_deployments to see the ids',
    details: { field: 'deployment_id' },
  })
}

/** Shortens the lines first; a log that is dear even so loses its oldest ones. */
function lastLines(text: string, room: number): string[] {
  for (let budget = 900; budget > 300; budget *= 0.8) {
    const lines = logTail(text, logLines, budget)
    if (tokenCost(JSON.stringify(lines)) <= room) return lines
  }
  const lines = logTail(text, logLines, 300)
  // The first one says which step it is.
  while (tokenCost(JSON.stringify(lines)) > room && lines.length > 1) lines.splice(1, 1)
  return lines
}

/** What was found of it afterwards. What let it through was told when it was asked for. */
function foundAfterwards(evidence: readonly Evidence[]): Check[] {
  return evidence.filter(({ subject }) => subject !== gateSubject).map(({ check }) => check)
}

/** Evidence in full stays in the store; an answer carries what fits beside the log. */
function brief(check: Check): Check {
  const plain = Object.entries(check.details).filter(([, value]) => typeof value !== 'object')
  const message = oneLine(check.message, messageLength)
  return { ...check, message, details: Object.fromEntries(plain) }
}

/** A rollback is suggested only where the failed release really became current and something ran before. */
function nextCall(row: Deployment, switched: boolean): string | null {
  if (isUnderWay(row)) return `get_deployment_status ${row.id}`
  if (row.status === 'outcome_unknown') return `look at ${row.environment}, then deploy again`
  const isBad = row.status === 'failure' && row.kind !== 'rollback'
  return isBad && switched && row.from !== null
    ? `rollback_deployment ${row.environment} with a reason`
    : null
}
