import { isUnderWay, type Deployment } from '../../core/deployment.ts'
import { toFailure } from '../../core/failure.ts'
import { principalLabel } from '../../core/principal.ts'
import type { Call } from '../../ports/context.ts'
import { admit, sameUnderWay } from './admit.ts'
import { auditedCheck } from './audit.ts'
import { approvalAnswer } from './approval-request.ts'
import { askForConsent } from './ask-consent.ts'
import { closeThread } from './attest.ts'
import { examineConsent, startedWith, type Consent, type Grant } from './consent.ts'
import { ensureKeeper } from './ensure-keeper.ts'
import { noteRefused, refuseWhenBusy } from './lock.ts'
import { deliverSoon } from './notify.ts'
import type { Planned } from './planned.ts'

/** What became of a request to change an environment. */
export type Outcome =
  | { status: 'dry_run'; accepted: string }
  | { status: 'blocked'; blockers: string[] }
  | { status: 'waiting_approval'; approval: ReturnType<typeof approvalAnswer>; notes: string[] }
  | {
      status: 'queued' | 'in_progress'
      deployment: Deployment
      /** Null where no approval is needed, and when an earlier call had started it. */
      grant: Grant | null
      watched_by: string | null
      notes: string[]
    }

/** How long an answer waits for the keeper to get the run going, so that it can say more than "queued". */
const startWaitMs = 8000

const underWayNote = 'the same request was under way already: nothing new was started'
const joinedNote = 'this approval had started it before: nothing new was started'

/** From a plan to a deployment somebody watches, or to the reason why not. */
export async function carryOut(
  call: Call,
  planned: Planned,
  { approval_token, dry_run }: { approval_token?: string | undefined; dry_run: boolean },
): Promise<Outcome> {
  if (dry_run) return await foresee(call, planned, approval_token)
  const earlier = await startedWith(call, planned, approval_token)
  if (earlier) return await watched(call, earlier, [joinedNote])
  try {
    return await proceed(call, planned, approval_token)
  } catch (error) {
    // The same request, made twice at once, may have been faster: then its deployment is the answer.
    const faster = await startedWith(call, planned, approval_token)
    if (faster) return await watched(call, faster, [joinedNote])
    // Whether it can be noted or not, the refusal is the answer.
    if (toFailure(error).code === 'environment_busy')
      await noteRefused(call, planned.plan).catch(() => undefined)
    throw error
  }
}

async function proceed(call: Call, planned: Planned, token: string | undefined): Promise<Outcome> {
  if (!planned.verdict.go) return { status: 'blocked', blockers: planned.verdict.blockers }
  const running = await ownUnderWay(call, planned)
  if (running) return await watched(call, running, [underWayNote])
  await refuseWhenBusy(call, planned.plan)
  const consent = await examineConsent(call, planned, token, { dryRun: false })
  if (consent.kind === 'wanted') return await ask(call, planned, consent)
  return await start(call, planned, consent.kind === 'granted' ? consent.grant : null)
}

function dryRun(accepted: string): Outcome {
  return { status: 'dry_run', accepted }
}

async function foresee(call: Call, planned: Planned, token: string | undefined): Promise<Outcome> {
  const earlier = await startedWith(call, planned, token)
  if (earlier) return dryRun(`no: this approval started ${earlier.id} before`)
  if (!planned.verdict.go) return dryRun('no: blocked')
  try {
    const running = await ownUnderWay(call, planned)
    if (running) return dryRun(`no: ${running.id} does it already`)
    await refuseWhenBusy(call, planned.plan)
    const consent = await examineConsent(call, planned, token, { dryRun: true })
    return dryRun(foreseen(consent))
  } catch (error) {
    return dryRun(`no: ${toFailure(error).message}`)
  }
}

function foreseen(consent: Consent): string {
  if (consent.kind === 'granted')
    return `yes: approved by ${consent.grant.by} (${consent.grant.level})`
  if (consent.kind === 'not_needed') return 'yes: no approval is needed here'
  return 'not yet: a person has to approve'
}

/** The same request again is not a second one. */
async function ownUnderWay(call: Call, planned: Planned): Promise<Deployment | null> {
  const requester = principalLabel(call.principal)
  return await call.store.read((tables) => sameUnderWay(tables, planned, requester))
}

async function ask(
  call: Call,
  planned: Planned,
  consent: Extract<Consent, { kind: 'wanted' }>,
): Promise<Outcome> {
  const { open, url, notes } = await askForConsent(call, planned, consent.open)
  const approval = approvalAnswer(open, planned, url)
  return { status: 'waiting_approval', approval, notes }
}

async function start(call: Call, planned: Planned, grant: Grant | null): Promise<Outcome> {
  const id = call.runtime.id('dep')
  await auditIntent(call, planned, grant, id)
  call.runtime.reached('start.intent-audited')
  const { deployment, joined } = await admit(call, planned, grant, id)
  call.runtime.reached('start.admitted')
  await deliverSoon(call)
  const notes = joined ? [underWayNote] : []
  // Nobody waits for a platform to be told what became of a request.
  const [outcome] = await Promise.all([
    watched(call, deployment, [...notes, ...levelNotes(grant)], grant),
    grant?.approval && closeThread(call, grant.approval, `used by ${deployment.id}`),
  ])
  return outcome
}

/** Fsynced before anything is consumed or started: if it cannot be written, nothing happens. */
async function auditIntent(
  call: Call,
  { plan, hash, gates }: Planned,
  grant: Grant | null,
  deploymentId: string,
): Promise<void> {
  await call.audit.append({
    operation: plan.action,
    user: principalLabel(call.principal),
    environment: plan.environment,
    success: null,
    phase: 'intent',
    details: {
      version: plan.release.version,
      sha: plan.release.sha,
      from: plan.from?.version ?? null,
      plan_hash: hash,
      reason: plan.reason,
      skips: plan.skips,
      warnings: plan.warnings,
      checks: gates.map(({ check }) => auditedCheck(call, check)),
      approval_id: grant?.approval?.id ?? null,
    },
    request_id: call.requestId,
    correlation_id: deploymentId,
    dry_run: false,
    approval: grant && { method: grant.method, level: grant.level, by: grant.by },
  })
}

async function watched(
  call: Call,
  deployment: Deployment,
  notes: string[],
  grant: Grant | null = null,
): Promise<Outcome> {
  if (!isUnderWay(deployment)) {
    return {
      status: 'in_progress',
      deployment,
      grant,
      watched_by: null,
      notes: [...notes, `it ended as ${deployment.status}`],
    }
  }
  const { watched_by, problem } = await ensureKeeper(call, deployment)
  const now = await untilStarted(call, deployment)
  const status = now.phase === 'starting' || now.phase === 'preempting' ? 'queued' : 'in_progress'
  return {
    status,
    deployment: now,
    grant,
    watched_by,
    notes: problem === null ? notes : [...notes, problem],
  }
}

/** What a weak consent is worth is said in every answer that rests on it. */
function levelNotes(grant: Grant | null): string[] {
  if (grant?.method !== 'static_token') return []
  return [
    'approved with a static token (compatibility mode, level L0): whoever can read or set the environment of gonogo can approve',
  ]
}

async function untilStarted(call: Call, deployment: Deployment): Promise<Deployment> {
  const deadline = call.runtime.now() + startWaitMs
  let row = deployment
  while (row.status === 'queued' && call.runtime.now() < deadline && !call.signal.aborted) {
    await call.runtime.sleep(100)
    row = (await call.store.read((tables) => tables.deployments.get(deployment.id))) ?? row
  }
  return row
}
