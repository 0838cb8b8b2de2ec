import {
  approvalNamespace,
  levelOfLogin,
  type Approval,
  type Decision,
  type DecisionStatement,
} from '../../core/approval.ts'
import { canonicalJson } from '../../core/canonical.ts'
import type { Attested } from '../../core/consent.ts'
import { mayApprove, personOf, type ConsentRule } from '../../core/approver-policy.ts'
import type { Environment } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import type { PlatformApprovals, PlatformDecision } from '../../ports/platform-approvals.ts'
import { outOfReach, reachedLevel } from './level.ts'
import { timestamp } from './time.ts'

/** Verifies again whatever was decided: a row that merely says "approved" approves nothing. */
export async function attest(
  call: Call,
  approval: Approval,
  rule: ConsentRule,
  environment: Environment,
): Promise<Attested[]> {
  const signed: Attested[] = []
  for (const decision of approval.decisions) {
    // What a login said counts as it can be read now, never as it was kept.
    if (decision.verdict !== 'approved' || decision.method === 'github_login') continue
    signed.push(await attestSignature(call, decision))
  }
  return [...signed, ...(await attestLogins(call, approval, rule, environment))]
}

async function attestSignature(call: Call, decision: Decision): Promise<Attested> {
  const { statement, signature } = decision
  if (signature === null) return { decision, problem: 'it carries no signature' }
  const verdict = await call.signer.verify(statement, signature, approvalNamespace)
  if (!verdict.valid) return { decision, problem: verdict.problem }
  const level = await reachedLevel(call, verdict.approver, verdict.user_present)
  const identity = { kind: 'signer', name: verdict.approver.name } as const
  return { decision, identity, level, problem: null }
}

async function attestLogins(
  call: Call,
  approval: Approval,
  rule: ConsentRule,
  environment: Environment,
): Promise<Attested[]> {
  const { platformApprovals: platform } = call
  if (platform === null) return []
  const said = await platform.decisions(approval.request)
  if (said.length === 0) return []
  const own = await platform.login()
  const { verified } = await platform.verifiesConsent(environment)
  const policy_out_of_reach = await outOfReach(call)
  return said.map((one) => {
    const { login } = one
    const facts = { login, own, verified_by_pipeline: verified, policy_out_of_reach }
    return attestLogin(call, approval, rule, { one, level: levelOfLogin(facts) })
  })
}

function attestLogin(
  call: Call,
  { request }: Approval,
  rule: ConsentRule,
  { one, level }: { one: PlatformDecision; level: Decision['level'] | null },
): Attested {
  const identity = { kind: 'github', name: one.login } as const
  const decision: Decision = {
    id: call.runtime.id('dec'),
    approval_id: request.id,
    verdict: one.verdict,
    method: 'github_login',
    person: personOf(rule.policy, identity),
    identity: one.login,
    level: level ?? 'L0',
    statement: canonicalJson(statementOf(request, one)),
    signature: null,
    url: one.url,
    decided_at: one.at,
  }
  if (one.problem !== null) return { decision, problem: `${one.login}: ${one.problem}` }
  if (level === null)
    return { decision, problem: `${one.login} is the login gonogo itself acts as` }
  return { decision, identity, level, problem: null }
}

function statementOf(
  request: Approval['request'],
  { verdict, reason, at }: PlatformDecision,
): DecisionStatement {
  return {
    format: 'gonogo-decision-v1',
    verdict,
    request,
    reason: reason === null ? null : oneLine(reason, 300),
    code_sha256: null,
    decided_at: timestamp(at),
  }
}

/** Of what logins said, the part that counts and that the store does not have yet. */
export function unrecorded(
  { decisions }: Approval,
  attested: readonly Attested[],
  rule: ConsentRule,
): Decision[] {
  const known = new Set(decisions.map(({ url, verdict }) => `${url} ${verdict}`))
  return attested.flatMap((one) => {
    const { decision } = one
    if (one.problem !== null || decision.method !== 'github_login') return []
    const counts = mayApprove(rule, one.identity)
    return counts && !known.has(`${decision.url} ${decision.verdict}`) ? [decision] : []
  })
}

/** Says in the thread how a request ended. It is told elsewhere, too, so nothing waits for this. */
export async function closeThread(
  call: { platformApprovals: PlatformApprovals | null },
  { request }: Approval,
  outcome: string,
): Promise<void> {
  await call.platformApprovals?.close(request, outcome).catch(() => undefined)
}
