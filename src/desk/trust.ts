import { meetsLevel, type AssuranceLevel } from '../core/approval.ts'
import { canonicalJson } from '../core/canonical.ts'
import { Failure } from '../core/failure.ts'
import {
  trustLevel,
  trustNamespace,
  type PolicyTrust,
  type TrustedPolicy,
  type TrustStatement,
} from '../core/policy-trust.ts'
import { differenceView, policyView, type ReadablePolicy } from '../core/policy-view.ts'
import type { PlanLine } from '../core/plan-view.ts'
import type { Call } from '../ports/context.ts'
import { levelHint, reachedLevel } from '../tools/support/level.ts'
import { timestamp } from '../tools/support/time.ts'
import { policyTrust } from '../tools/support/trust.ts'
import { approverOf } from './approve.ts'
import { audited } from './audited.ts'
import { keyLabel } from './decide.ts'

/** A policy as a person reads it before trusting it. */
export interface PolicyReview {
  trust: PolicyTrust
  /** Canonical JSON: what was shown and what will be signed. */
  policy: string
  policy_hash: string
  lines: PlanLine[]
}

export interface PolicyTrusted {
  policy_hash: string
  approver: string
  /** What this signature is worth on this machine. */
  level: AssuranceLevel
  at: string
}

/** The effective policy: all of it for somebody who sees it first, else what changed. */
export async function reviewPolicy(call: Call): Promise<PolicyReview> {
  const { policyText: policy, policyHash: policy_hash, project } = call
  const trust = await policyTrust(call)
  const lines =
    trust.state === 'changed'
      ? differenceView(project.name, trust.changes)
      : policyView(JSON.parse(policy) as ReadablePolicy, await approverNames(call))
  return { trust, policy, policy_hash, lines }
}

async function approverNames(call: Call): Promise<string[]> {
  return (await call.approvers.list()).map(({ name }) => name)
}

/** Signs exactly the policy that was shown, with an approver's key. */
export async function trustPolicy(
  call: Call,
  { trust, policy, policy_hash }: PolicyReview,
  keyFile: string,
): Promise<PolicyTrusted> {
  const approver = await approverOf(call, await call.signer.inspect(keyFile))
  const statement = newStatement(call, policy_hash)
  const changes = trust.state === 'changed' ? trust.changes.map(({ path }) => path) : []
  const details = {
    policy_hash,
    before: trust.state,
    changes,
    approver: approver.name,
    key: keyLabel(call, approver),
  }
  const act = { operation: 'trust', environment: null, details, correlation_id: statement.id }
  return await audited(call, act, async () => {
    const text = canonicalJson(statement)
    const signature = await call.signer.sign(text, keyFile, trustNamespace)
    const signed = { statement: text, policy, signature }
    const level = await levelReached(call, signed)
    const trusted_at = Date.parse(statement.signed_at)
    const { project } = statement
    const trusted = { project, ...signed, approver: approver.name, level, trusted_at }
    await call.store.write((tables) => tables.trustedPolicies.put(trusted))
    return { policy_hash, approver: approver.name, level, at: statement.signed_at }
  })
}

function newStatement(call: Call, policy_hash: string): TrustStatement {
  return {
    format: 'gonogo-trust-v1',
    id: call.runtime.id('trust'),
    project: call.project.name,
    policy_hash,
    nonce: call.runtime.id('nonce'),
    signed_at: timestamp(call.runtime.now()),
  }
}

type Signed = Pick<TrustedPolicy, 'statement' | 'policy' | 'signature'>

/** Verified before it is stored, and refused where the person is if it is worth too little. */
async function levelReached(
  call: Call,
  { statement, policy, signature }: Signed,
): Promise<AssuranceLevel> {
  const verdict = await call.signer.verify(statement, signature, trustNamespace)
  if (!verdict.valid) throw unverified(verdict.problem)
  const level = await reachedLevel(call, verdict.approver, verdict.user_present)
  const { least, environment } = trustLevel(JSON.parse(policy) as ReadablePolicy)
  if (meetsLevel(level, least)) return level
  throw new Failure({
    code: 'invalid_approval',
    message: `the policy is not trusted: the signature reaches ${level} here, and ${least} is wanted for ${environment}`,
    hint: levelHint,
  })
}

function unverified(problem: string): Failure {
  return new Failure({
    code: 'invalid_approval',
    message: `the new signature does not verify: ${problem}`,
    hint: `the approver's line must name the namespace ${trustNamespace}: gonogo approver remove NAME, then gonogo approver add NAME --key FILE`,
  })
}
