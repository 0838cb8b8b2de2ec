import type { Approval, AssuranceLevel, DecisionMethod } from '../../core/approval.ts'
import { meetsLevel, kindOf, wantsApproval } from '../../core/approval.ts'
import { matchingToken } from '../../core/admin-token.ts'
import { requestProblem, type ConsentVerdict, type Counted } from '../../core/consent.ts'
import type { Deployment } from '../../core/deployment.ts'
import { Failure } from '../../core/failure.ts'
import { principalLabel } from '../../core/principal.ts'
import type { Call } from '../../ports/context.ts'
import { closeThread } from './attest.ts'
import { requestOf, type FoundRequest } from './find-request.ts'
import { levelTooLow } from './level.ts'
import type { Planned } from './planned.ts'
import { recordFound } from './record-found.ts'
import { ruleFor, weigh, type Weighed } from './weigh.ts'

/** Who agreed, how, and what that is worth. */
export interface Grant {
  /** Of the weakest word it rests on. */
  method: DecisionMethod
  level: AssuranceLevel
  by: string
  /** The stored request to consume; null for a static token, which has none. */
  approval: Approval | null
}

export type Consent =
  | { kind: 'not_needed' }
  | { kind: 'granted'; grant: Grant }
  /** Somebody still has to decide; null when no request is stored yet. */
  | { kind: 'wanted'; open: OpenRequest | null }

/** A request that waits, and who has approved it so far. */
export interface OpenRequest {
  approval: Approval
  given: Counted[]
  /** Why what else was said does not count. */
  problems: string[]
}

/**
 * The deployment this caller started before with this approval, for the very thing asked for now: a
 * request that is made again gets it back, whatever has changed since.
 */
export async function startedWith(
  call: Call,
  { plan }: Planned,
  token: string | undefined,
): Promise<Deployment | null> {
  if (token === undefined) return null
  return await call.store.read(async (tables) => {
    const approval = (await requestOf(call, tables, token))?.approval
    if (!approval?.consumed_by || approval.state !== 'consumed') return null
    const { action, environment, commit } = approval.request
    const same =
      action === plan.action && environment === plan.environment && commit === plan.release.sha
    const own = approval.request.requester === principalLabel(call.principal)
    return same && own ? await tables.deployments.get(approval.consumed_by) : null
  })
}

/**
 * What a token is worth for this plan, now; consuming is a matter of admission. What people said on the
 * platform since is kept, unless this is a dry run.
 */
export async function examineConsent(
  call: Call,
  planned: Planned,
  token: string | undefined,
  { dryRun }: { dryRun: boolean },
): Promise<Consent> {
  if (!wantsApproval(planned.environment, planned.plan)) return { kind: 'not_needed' }
  if (token === undefined) return { kind: 'wanted', open: null }
  const found = await call.store.read((tables) => requestOf(call, tables, token))
  if (found) return await examineRequest(call, planned, found, dryRun)
  return { kind: 'granted', grant: staticGrant(call, planned, token) }
}

async function examineRequest(
  call: Call,
  planned: Planned,
  { approval: stored, code_sha256 }: FoundRequest,
  dryRun: boolean,
): Promise<Consent> {
  await refuseUnusable(call, planned, stored, dryRun)
  const weighed = await weigh(call, stored, planned, code_sha256)
  const approval = dryRun ? stored : await recordFound(call, stored, weighed)
  const { verdict } = weighed
  if (verdict.kind === 'enough') return { kind: 'granted', grant: grantOf(approval, verdict) }
  if (verdict.kind === 'ended')
    throw refusal(planned, `${approval.id} was ${verdict.verdict} by ${verdict.by}`)
  if (approval.state === 'open')
    return {
      kind: 'wanted',
      open: { approval, given: verdict.counted, problems: verdict.problems },
    }
  throw tooLittle(planned, approval, weighed, verdict)
}

/** Refuses an approval that is over, somebody else's, or about something else than this plan. */
async function refuseUnusable(
  call: Call,
  planned: Planned,
  approval: Approval,
  dryRun: boolean,
): Promise<void> {
  const now = call.runtime.now()
  const problem = requestProblem(approval, {
    now,
    expires_at: Date.parse(approval.request.expires_at),
    requester: principalLabel(call.principal),
    plan: planned.plan,
    plan_hash: planned.hash,
    stored_plan_hash: call.runtime.sha256(approval.plan),
  })
  if (problem === null) return
  if (!dryRun && approval.expires_at <= now) await closeThread(call, approval, 'expired')
  throw refusal(planned, problem)
}

function grantOf(
  approval: Approval,
  { counted, level }: Extract<ConsentVerdict, { kind: 'enough' }>,
): Grant {
  const method = counted.at(-1)?.method ?? 'unsigned'
  const people = counted.map(({ person }) => person).toSorted()
  return { method, level, by: people.join(', '), approval }
}

function tooLittle(
  planned: Planned,
  { id }: Approval,
  { rule }: Weighed,
  { counted, reached, problems }: Extract<ConsentVerdict, { kind: 'missing' }>,
): Failure {
  if (reached !== null) return levelTooLow(planned.environment.name, reached, rule.least)
  if (problems.length === 0 && counted.length === 0)
    return refusal(planned, `${id} carries no signature`)
  const of = rule.count > 1 ? [`${counted.length} of ${rule.count} approvals count`] : []
  return refusal(planned, `${id}: ${[...of, ...problems].join('; ')}`)
}

/** Compatibility mode: a token is one word of nobody in particular. */
function staticGrant(call: Call, planned: Planned, token: string): Grant {
  const { runtime } = call
  const hash = runtime.sha256(token)
  const known = matchingToken(call.adminTokens, (sha256) => runtime.sameSecret(sha256, hash))
  if (known === null) throw refusal(planned, null)
  const problem = staticProblem(call, planned, known.expires_at)
  if (problem !== null) throw refusal(planned, problem)
  const { least } = ruleFor(planned, kindOf(planned.plan))
  if (!meetsLevel('L0', least)) throw levelTooLow(planned.environment.name, 'L0', least)
  return { method: 'static_token', level: 'L0', by: known.label, approval: null }
}

function staticProblem(call: Call, planned: Planned, expires_at: number | null): string | null {
  const { count, names, reason, self_approval } = ruleFor(planned, kindOf(planned.plan))
  if (planned.approvals.mode === 'strict')
    return 'approvals.mode is strict, which refuses static tokens'
  if (expires_at !== null && expires_at <= call.runtime.now()) return 'the static token expired'
  if (count > 1) return `${count} people have to approve, and a static token is nobody`
  if (names.length > 0) return 'only named people approve here, and a static token is nobody'
  if (self_approval === 'forbidden')
    return 'nobody may approve what they asked for, and a static token is nobody'
  if (reason === 'required') return 'an approver has to say why, and a static token says nothing'
  return null
}

function refusal(planned: Planned, why: string | null): Failure {
  const { action } = planned.plan
  const what = action === 'rollback' ? 'rollback' : 'deployment'
  const headline = `Invalid approval token for ${planned.environment.name} ${what}`
  return new Failure({
    code: 'invalid_approval',
    message: why === null ? headline : `${headline}: ${why}`,
    hint: 'call again without approval_token to make a new request that a person can approve',
  })
}
