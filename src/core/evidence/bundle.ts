import type { ApprovalRequest, DecisionMethod, DecisionVerdict } from '../approval.ts'
import type { AuditProof } from '../audit-proof.ts'
import { canonicalJson, type Json } from '../canonical.ts'
import type { DeploymentKind, DeploymentStatus } from '../deployment.ts'
import type { Release } from '../release.ts'

/** Everything about one deployment that somebody without gonogo's store can verify, offline. */
export type EvidenceBundle = EvidenceBody & {
  /** Lines of the audit log with their proofs; the last one seals the rest of the bundle. */
  log: AuditProof
}

export type EvidenceBody = {
  format: 'gonogo-evidence-v1'
  project: string
  policy_hash: string
  deployment: BundledDeployment
  /** The bytes that were hashed. */
  plan: string
  /** Null when no approval was wanted, or none but a static token given. */
  request: ApprovalRequest | null
  decisions: BundledDecision[]
  /** Lines of an allowed-signers file, of those who decided and are approvers still. */
  signers: string[]
  gates: BundledGate[]
  /** Which lines of the log tell of it. */
  lines: number[]
}

export type BundledDeployment = {
  id: string
  environment: string
  kind: DeploymentKind
  status: DeploymentStatus
  release: Release
  initiated_by: string
  plan_hash: string
  approval_id: string | null
}

export type BundledDecision = {
  verdict: DecisionVerdict
  method: DecisionMethod
  identity: string
  /** The bytes that were signed. */
  statement: string
  signature: string | null
  url: string | null
}

export type BundledGate = {
  check_name: string
  status: string
  ran: boolean
  message: string
  details: Record<string, Json>
}

/** The line of the log that seals a bundle. */
export const evidenceOperation = 'audit_evidence'

/** The text whose hash seals a bundle. */
export function bodyText(bundle: EvidenceBody & { log?: AuditProof }): string {
  return canonicalJson({ ...bundle, log: undefined })
}

/** A bundle as it is written: one line, so that not even white space can change unnoticed. */
export function bundleText(bundle: EvidenceBundle): string {
  return `${canonicalJson(bundle)}\n`
}

/** An entry of an allowed-signers file that is for approvals alone. */
export function signerLine(approver: { name: string; public_key: string }): string {
  return `${approver.name} namespaces="gonogo-approval" ${approver.public_key}`
}
