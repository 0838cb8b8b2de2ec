import type { Approval } from '../../core/approval.ts'
import { namedPeople, type ConsentRule } from '../../core/approver-policy.ts'
import { toFailure } from '../../core/failure.ts'
import { planView } from '../../core/plan-view.ts'
import { principalLabel } from '../../core/principal.ts'
import type { Call } from '../../ports/context.ts'
import type { PlatformApprovals } from '../../ports/platform-approvals.ts'
import { requestApproval } from './approval-request.ts'
import { codeOf } from './find-request.ts'
import type { OpenRequest } from './consent.ts'
import type { Planned } from './planned.ts'
import { possibleApprovers, ruleFor, weigh } from './weigh.ts'

/** A request that people can find, and what the caller has to know of it. */
export interface Asked {
  open: OpenRequest
  /** Where it waits on the platform; null where it does not. */
  url: string | null
  notes: string[]
}

/** Makes sure that a request is stored, and that people can see it. */
export async function askForConsent(
  call: Call,
  planned: Planned,
  known: OpenRequest | null,
): Promise<Asked> {
  const open = known ?? (await requested(call, planned))
  const rule = ruleFor(planned, open.approval.request.kind)
  const thread = await openThread(call, planned, open.approval, rule)
  const notes = [...(await approverNotes(call, rule)), ...open.problems, ...thread.notes]
  return { open, url: thread.url, notes }
}

async function requested(call: Call, planned: Planned): Promise<OpenRequest> {
  const { approval, created } = await requestApproval(call, planned)
  if (created) return { approval, given: [], problems: [] }
  const { verdict } = await weigh(call, approval, planned, codeOf(approval))
  // Approved once, and worth too little by now: nobody can decide it again.
  const spoilt =
    verdict.kind === 'ended' || (approval.state === 'approved' && verdict.kind !== 'enough')
  if (!spoilt)
    return {
      approval,
      given: verdict.counted,
      problems: verdict.kind === 'missing' ? verdict.problems : [],
    }
  await call.store.write((tables) =>
    tables.approvals.move(approval.id, approval.state, 'superseded'),
  )
  const fresh = await requestApproval(call, planned)
  return { approval: fresh.approval, given: [], problems: [] }
}

async function approverNotes(call: Call, rule: ConsentRule): Promise<string[]> {
  const people = await possibleApprovers(call, rule)
  if (people.length >= rule.count) return []
  if (people.length === 0)
    return ['nobody can approve yet: a person registers with gonogo approver add NAME --key FILE']
  return [`${rule.count} people have to approve, and only ${people.join(', ')} can`]
}

type Thread = { url: string | null; notes: string[] }

/** Asked for again with every call: whoever stored the request may have died before it could be shown. */
async function openThread(
  call: Call,
  planned: Planned,
  approval: Approval,
  rule: ConsentRule,
): Promise<Thread> {
  const { platformApprovals: platform } = call
  if (platform === null || approval.state !== 'open') return { url: null, notes: [] }
  await auditThread(call, approval)
  try {
    const { url } = await platform.open(approval.request, planShown(planned, approval, rule))
    return { url, notes: [] }
  } catch (error) {
    const why = toFailure(error).message
    return { url: null, notes: [`the request could not be shown on the platform: ${why}`] }
  }
}

/** The intent, once per request: looking for the thread again changes nothing. */
async function auditThread(call: Call, { id, environment, request }: Approval): Promise<void> {
  const operation = 'request_approval'
  await call.audit.appendOnce(
    {
      operation,
      user: principalLabel(call.principal),
      environment,
      success: null,
      phase: 'intent',
      details: { approval_id: id, plan_hash: request.plan_hash, where: 'platform' },
      request_id: call.requestId,
      correlation_id: id,
      dry_run: false,
      approval: null,
    },
    (line) => line.operation === operation && line.correlation_id === id,
  )
}

function planShown(
  { plan }: Planned,
  { request }: Approval,
  { policy, names }: ConsentRule,
): Parameters<PlatformApprovals['open']>[1] {
  const lines = planView(plan, request).map(({ label, text }) =>
    label === null ? text : `${label}: ${text}`,
  )
  const named = namedPeople(policy, names)
  const people = Object.entries(policy.people).filter(
    ([person]) => names.length === 0 || named.includes(person),
  )
  return { lines, logins: people.flatMap(([, { github }]) => github) }
}
