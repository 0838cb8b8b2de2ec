import {
  approvalNamespace,
  leastLevel,
  meetsLevel,
  selfApprovalProblem,
  type Approval,
  type AssuranceLevel,
} from '../core/approval.ts'
import { canonicalJson } from '../core/canonical.ts'
import { Failure } from '../core/failure.ts'
import type { Plan } from '../core/plan.ts'
import { findEnvironment } from '../core/project.ts'
import { planView, type PlanLine } from '../core/plan-view.ts'
import type { Call } from '../ports/context.ts'
import type { Approver, KeyFacts } from '../ports/signer.ts'
import { levelTooLow, reachedLevel } from '../tools/support/level.ts'
import { audited } from './audited.ts'
import { changedMeanwhile, decisionAct, keyLabel, openRequest } from './decide.ts'

/** A request as a person reads it before deciding. */
export interface Review {
  approval: Approval
  lines: PlanLine[]
}

export interface Approved {
  approval_id: string
  approver: string
  /** What this approval is worth on this machine. */
  level: AssuranceLevel
  next: string
}

/** Loads a request and proves that the plan shown is the one whose hash will be signed. */
export async function reviewRequest(call: Call, id: string): Promise<Review> {
  const approval = await openRequest(call, id)
  const { request, plan } = approval
  if (request.id !== id || call.runtime.sha256(plan) !== request.plan_hash) {
    throw new Failure({
      code: 'invalid_approval',
      message: `the plan stored with ${id} is not the one its request names: it was changed`,
      hint: 'do not approve it; run gonogo audit verify and ask the requester to call again',
    })
  }
  return { approval, lines: planView(JSON.parse(plan) as Plan, request) }
}

/**
 * Signs exactly the request that was shown, with an approver's key; ssh-keygen itself asks for a
 * passphrase. The row is not read again for what is signed: somebody could have changed it meanwhile.
 */
export async function approveRequest(
  call: Call,
  { approval }: Review,
  keyFile: string,
): Promise<Approved> {
  const { id, environment } = approval.request
  const key = await call.signer.inspect(keyFile)
  const approver = await approverOf(call, key)
  await refuseSelfApproval(call, approver, approval)
  const more = { approver: approver.name, key: keyLabel(call, approver) }
  return await audited(call, decisionAct(approval, 'approve', more), async () => {
    const text = canonicalJson(approval.request)
    const signature = await call.signer.sign(text, keyFile, approvalNamespace)
    const level = await levelReached(call, approval, signature)
    requireLevel(call, environment, level)
    await store(call, approval, { approver, level, signature })
    const next = `the requester calls again with approval_token ${id}`
    return { approval_id: id, approver: approver.name, level, next }
  })
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

async function refuseSelfApproval(
  call: Call,
  approver: Approver,
  approval: Approval,
): Promise<void> {
  const { self_approval } = call.project.approvals
  const { length } = await call.approvers.list()
  const { requester } = approval.request
  const problem = selfApprovalProblem(self_approval, length, approver.name, requester)
  if (problem === null) return
  throw new Failure({
    code: 'not_permitted',
    message: problem,
    hint: 'ask another approver, or set approvals.self_approval in gonogo.yaml',
  })
}

/** Verified before it is stored: a signature nobody could use later is no approval. */
async function levelReached(
  call: Call,
  approval: Approval,
  signature: string,
): Promise<AssuranceLevel> {
  const text = canonicalJson(approval.request)
  const verdict = await call.signer.verify(text, signature, approvalNamespace)
  if (!verdict.valid) {
    throw new Failure({
      code: 'invalid_approval',
      message: `the new signature does not verify: ${verdict.problem}`,
      hint: 'run gonogo approver list and check that the key is registered for this project',
    })
  }
  return await reachedLevel(call, verdict.approver, verdict.user_present)
}

/** Better refused here, where the person is, than when the requester comes back with it. */
function requireLevel(call: Call, environment: string, level: AssuranceLevel): void {
  const { mode } = call.project.approvals
  const policy = findEnvironment(call.project, environment)
  const least = leastLevel(mode, policy?.least_level ?? 'L0')
  if (!meetsLevel(level, least)) throw levelTooLow(environment, level, least)
}

async function store(
  call: Call,
  approval: Approval,
  decision: { approver: Approver; level: AssuranceLevel; signature: string },
): Promise<void> {
  const { approver, level, signature } = decision
  const change = { method: 'ssh_signature', approver: approver.name, level, signature } as const
  const decided_at = call.runtime.now()
  const moved = await call.store.write(async (tables) => {
    const now = await tables.approvals.get(approval.id)
    if (canonicalJson(now) !== canonicalJson(approval)) return false
    return await tables.approvals.move(approval.id, 'open', 'approved', { ...change, decided_at })
  })
  if (!moved) throw changedMeanwhile(approval.id)
}
