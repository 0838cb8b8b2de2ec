import {
  meetsLevel,
  type Approval,
  type ApprovalState,
  type AssuranceLevel,
  type Decision,
} from '../core/approval.ts'
import {
  mayApprove,
  personOf,
  selfApprovalProblem,
  type ConsentRule,
} from '../core/approver-policy.ts'
import { canonicalJson } from '../core/canonical.ts'
import { Failure } from '../core/failure.ts'
import type { Call } from '../ports/context.ts'
import type { Approver, KeyFacts } from '../ports/signer.ts'
import { codeOf } from '../tools/support/find-request.ts'
import { levelTooLow } from '../tools/support/level.ts'
import { announceDecision } from '../tools/support/notify.ts'
import { possibleApprovers } from '../tools/support/weigh.ts'
import { audited } from './audited.ts'
import { changedMeanwhile, decisionAct, keyLabel } from './decide.ts'
import { weighRequest } from './judging.ts'
import type { Review } from './review-request.ts'
import { signStatement, statementOf, verifiedDecision } from './sign-decision.ts'

export interface Approved {
  approval_id: string
  approver: string
  /** What this approval is worth on this machine. */
  level: AssuranceLevel
  state: ApprovalState
  approvals: { wanted: number; given: string[] }
  /** The one-time code, shown this once; null when the id will do. A secret. */
  code: string | null
  next: string
}

export interface ApproveOptions {
  reason?: string | null
  /** Mint a one-time code that alone can use this approval. */
  code?: boolean
}

/**
 * Signs exactly the request that was shown, with an approver's key; ssh-keygen itself asks for a
 * passphrase. The row is not read again for what is signed: somebody could have changed it meanwhile.
 */
export async function approveRequest(
  call: Call,
  { approval, rule }: Review,
  keyFile: string,
  { reason = null, code: coded = false }: ApproveOptions = {},
): Promise<Approved> {
  const key = await call.signer.inspect(keyFile)
  const approver = await approverOf(call, key)
  await refuseApprover(call, approval, rule, approver.name)
  if (rule.reason === 'required' && !reason?.trim()) throw noReason(approval.environment)
  if (coded && codeOf(approval) !== null) throw secondCode(approval.id)
  const code = coded ? call.runtime.secret('code') : null
  const code_sha256 = code && call.runtime.sha256(code)
  const more = { approver: approver.name, key: keyLabel(call, approver), code: coded }
  return await audited(
    call,
    decisionAct(approval, 'approve', more),
    async () => {
      const word = { verdict: 'approved', reason, code_sha256 } as const
      const statement = statementOf(call.runtime.now(), approval.request, word)
      const signed = await signStatement(call, statement, keyFile)
      const decision = await verifiedDecision(call, approval, statement, signed)
      requireLevel(rule, approval.request.environment, decision.level)
      return approvedAs(await storeApproval(call, approval, decision), rule, decision, code)
    },
    ({ level, state }) => ({ level, state }),
  )
}

/** The approver a key belongs to; a key of nobody's signs nothing. */
export async function approverOf(call: Call, key: KeyFacts): Promise<Approver> {
  const approvers = await call.approvers.list()
  const found = approvers.find((approver) => approver.fingerprint === key.fingerprint)
  if (found) return found
  throw new Failure({
    code: 'not_permitted',
    message: `the key ${key.fingerprint} belongs to no approver of this project`,
    hint: 'run gonogo approver list, or gonogo approver add NAME --key FILE to register it',
  })
}

/** Better refused here, where the person is, than when the requester comes back with it. */
export async function refuseApprover(
  call: Call,
  approval: Approval,
  rule: ConsentRule,
  name: string,
): Promise<void> {
  const who = { kind: 'signer', name } as const
  const person = personOf(rule.policy, who)
  const path = `environments.${approval.request.environment}.approvers`
  if (!mayApprove(rule, who))
    throw refused(
      `${name} is not among those who approve here`,
      `look at ${path}.people in gonogo.yaml`,
    )
  const many = (await possibleApprovers(call, rule)).length
  const own = selfApprovalProblem(rule, many, person, approval.request)
  if (own !== null)
    throw refused(own, `ask another approver, or look at ${path}.self_approval in gonogo.yaml`)
  const { verdict } = await weighRequest(call, approval)
  if (verdict.kind !== 'ended' && verdict.counted.some((word) => word.person === person))
    throw refused(`${person} approved ${approval.id} already`, 'ask another approver')
}

function refused(message: string, hint: string): Failure {
  return new Failure({ code: 'not_permitted', message, hint })
}

export function noReason(environment: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `${environment} wants a reason of whoever approves`,
    hint: 'give it with --reason TEXT',
  })
}

function secondCode(id: string): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `${id} has a one-time code already, and a call can hand in only one`,
    hint: 'approve it without --code',
  })
}

export function requireLevel(
  { least }: ConsentRule,
  environment: string,
  level: AssuranceLevel,
): void {
  if (!meetsLevel(level, least)) throw levelTooLow(environment, level, least)
}

/** Where a request stands with one decision more. */
interface Settled {
  state: ApprovalState
  given: string[]
  /** Whether a one-time code is wanted to use it. */
  coded: boolean
}

/** Keeps a decision on a request that still is the one that was shown, and settles the request. */
export async function storeApproval(
  call: Call,
  approval: Approval,
  decision: Decision,
): Promise<Settled> {
  const kept = await call.store.write(async (tables) => {
    const now = await tables.approvals.get(approval.id)
    if (now === null || shown(now) !== shown(approval)) return false
    await tables.approvals.decide(decision)
    await announceDecision(call, tables, approval, decision)
    return true
  })
  if (!kept) throw changedMeanwhile(approval.id)
  return await settle(call, approval.id)
}

/** What somebody decides about; others may decide at the same time. */
function shown({ decisions: _others, ...approval }: Approval): string {
  return canonicalJson(approval)
}

/** With enough approvals the request is approved. Whoever uses it judges again. */
async function settle(call: Call, id: string): Promise<Settled> {
  const approval = await call.store.read((tables) => tables.approvals.get(id))
  if (approval === null) throw changedMeanwhile(id)
  const { verdict } = await weighRequest(call, approval)
  const given = verdict.kind === 'ended' ? [] : verdict.counted.map(({ person }) => person)
  const coded = codeOf(approval) !== null
  if (verdict.kind !== 'enough' || approval.state !== 'open')
    return { state: approval.state, given, coded }
  await call.store.write((tables) => tables.approvals.move(id, 'open', 'approved'))
  return { state: 'approved', given, coded }
}

export function approvedAs(
  { state, given, coded }: Settled,
  { count }: ConsentRule,
  { approval_id, identity, level }: Decision,
  code: string | null,
): Approved {
  const missing = count - given.length
  const token = coded ? 'the one-time code' : approval_id
  return {
    approval_id,
    approver: identity,
    level,
    state,
    approvals: { wanted: count, given },
    code,
    next:
      state === 'approved'
        ? `the requester calls again with approval_token ${token}`
        : `${missing} more ${missing === 1 ? 'person has' : 'people have'} to run gonogo approve ${approval_id}`,
  }
}
