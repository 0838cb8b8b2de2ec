import { approvingPeople, consentRule, type ConsentRule } from '../../core/approver-policy.ts'
import type { Approval, ApprovalKind, Decision } from '../../core/approval.ts'
import { judgeConsent, type Attested, type ConsentVerdict } from '../../core/consent.ts'
import type { ApprovalPolicy, Environment } from '../../core/project.ts'
import type { Call } from '../../ports/context.ts'
import { attest, unrecorded } from './attest.ts'

/** The policy that consent is judged by, as it holds. */
export interface Judging {
  environment: Environment
  approvals: ApprovalPolicy
}

/** What a request is worth now. */
export interface Weighed {
  verdict: ConsentVerdict
  rule: ConsentRule
  attested: Attested[]
  /** What logins said that the store does not have yet. */
  found: Decision[]
}

/** Verifies everything that was decided about a request, and judges it. Changes nothing. */
export async function weigh(
  call: Call,
  approval: Approval,
  judging: Judging,
  code_sha256: string | null,
): Promise<Weighed> {
  const rule = ruleFor(judging, approval.request.kind)
  const attested = await attest(call, approval, rule, judging.environment)
  const approvers = (await possibleApprovers(call, rule)).length
  const verdict = judgeConsent({ approval, rule, attested, approvers, code_sha256 })
  return { verdict, rule, attested, found: unrecorded(approval, attested, rule) }
}

export function ruleFor({ approvals, environment }: Judging, kind: ApprovalKind): ConsentRule {
  return consentRule(approvals, environment, kind)
}

/** Everybody who could approve under a rule. */
export async function possibleApprovers(call: Call, rule: ConsentRule): Promise<string[]> {
  const signers = (await call.approvers.list()).map(({ name }) => name)
  return approvingPeople(rule, signers, call.platformApprovals !== null)
}
