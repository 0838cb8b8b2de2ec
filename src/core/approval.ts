/**
 * What an approval holds against. L0: mistakes, and assistants that have only MCP. L1: also an
 * assistant with a shell as the same user, as far as gonogo itself goes. L2: consent and production
 * credentials under another account.
 */
export type AssuranceLevel = 'L0' | 'L1' | 'L2'

/** The SSH signature namespace; part of what is signed, so no other signature can be replayed. */
export const approvalNamespace = 'gonogo-approval'

/** Exactly what a human signs, as canonical JSON. */
export type ApprovalRequest = {
  format: 'gonogo-approval-v1'
  id: string
  action: 'deploy' | 'promote' | 'rollback'
  project: string
  environment: string
  version: string
  commit: string
  digests: string[]
  plan_hash: string
  requester: string
  nonce: string
  /** RFC 3339, UTC. */
  expires_at: string
}

export type ApprovalState = 'open' | 'approved' | 'rejected' | 'consumed' | 'superseded'

/** A stored request and, once a human decided, the decision. */
export interface Approval {
  id: string
  project: string
  environment: string
  request: ApprovalRequest
  /** Canonical JSON of the plan, so that the approver's screen shows what was hashed. */
  plan: string
  requester: string
  created_at: number
  expires_at: number
  state: ApprovalState
  method: 'ssh_signature' | 'static_token' | null
  /** The SSH signature file's text; null for a static token. */
  signature: string | null
  /** Identity from the signers list, or the token's label. */
  approver: string | null
  level: AssuranceLevel | null
  decided_at: number | null
  reason: string | null
  consumed_by: string | null
}

/** What is known about the key that signed and the place its trust comes from. */
export interface SignatureFacts {
  /** As recorded when the approver was added. */
  protection: KeyProtection
  /** True when a hardware key proved a touch in the signature itself. */
  user_present: boolean
  /** True when this process's user cannot change the signers list or the configuration. */
  policy_out_of_reach: boolean
  /** True when a loaded agent would sign without asking. */
  held_by_agent: boolean
}

export type KeyProtection = 'none' | 'passphrase' | 'hardware'

const order: readonly AssuranceLevel[] = ['L0', 'L1', 'L2']

export function meetsLevel(level: AssuranceLevel, least: AssuranceLevel): boolean {
  return order.indexOf(level) >= order.indexOf(least)
}

/** The level a signature really reaches: the weakest of its parts decides. */
export function levelOf(facts: SignatureFacts): AssuranceLevel {
  if (!facts.policy_out_of_reach || facts.held_by_agent) return 'L0'
  if (facts.protection === 'hardware') return facts.user_present ? 'L1' : 'L0'
  return facts.protection === 'passphrase' ? 'L1' : 'L0'
}

/** The level an environment demands once the approval mode has its say. */
export function leastLevel(mode: 'standard' | 'strict', least: AssuranceLevel): AssuranceLevel {
  return mode === 'strict' && !meetsLevel(least, 'L1') ? 'L1' : least
}

/** Why a human may not approve this request, or null. */
export function selfApprovalProblem(
  policy: 'auto' | 'allowed' | 'forbidden',
  approverCount: number,
  approver: string,
  requester: string,
): string | null {
  const forbidden = policy === 'forbidden' || (policy === 'auto' && approverCount > 1)
  // Without a terminal the same person is "automation"; only an agent is somebody else for sure.
  const own = [`human:${approver}`, `automation:${approver}`].includes(requester)
  if (!forbidden || !own) return null
  return `${approver} asked for this and may not approve it too`
}
