/**
 * What an approval holds against. L0: mistakes, and assistants that have only MCP. L1: also an
 * assistant with a shell as the same user, as far as gonogo itself goes. L2: consent and production
 * credentials under another account.
 */
export type AssuranceLevel = 'L0' | 'L1' | 'L2'

/** The SSH signature namespace; part of what is signed, so no other signature can be replayed. */
export const approvalNamespace = 'gonogo-approval'

/** Whether the usual rules hold, or an emergency goes around some gates and is reviewed afterwards. */
export type ApprovalKind = 'standard' | 'break_glass'

/** What somebody is asked to consent to: part of everything that is signed about it. */
export type ApprovalRequest = {
  format: 'gonogo-approval-v2'
  id: string
  action: 'deploy' | 'promote' | 'rollback'
  kind: ApprovalKind
  project: string
  environment: string
  version: string
  commit: string
  digests: string[]
  plan_hash: string
  requester: string
  /** On whose behalf the requester acts: the operating-system user that gonogo runs as. */
  operator: string
  /** Gates that consent sets aside, by the flags that ask for it: `override_freeze`, `break_glass`. */
  overrides: string[]
  /** Why the requester wants it; null when nothing was said. */
  reason: string | null
  nonce: string
  /** RFC 3339, UTC. */
  expires_at: string
}

/** `revoked`: who approved takes it back before it was used. */
export type DecisionVerdict = 'approved' | 'rejected' | 'revoked'

/** Exactly what a person signs about a request, as canonical JSON. */
export type DecisionStatement = {
  format: 'gonogo-decision-v1'
  verdict: DecisionVerdict
  request: ApprovalRequest
  /** What the approver says about it; null when nothing. */
  reason: string | null
  /** SHA-256 (hex) of the one-time code that is wanted to use it; null: the id of the request will do. */
  code_sha256: string | null
  /** RFC 3339, UTC. */
  decided_at: string
}

/**
 * How a decision was made. `ssh_signature`: an approver's key signed the statement. `github_login`: a
 * comment of a listed login, read back. `static_token`: compatibility mode. `unsigned`: somebody at the
 * desk without a key, which can reject and never approves.
 */
export type DecisionMethod = 'ssh_signature' | 'github_login' | 'static_token' | 'unsigned'

/** One person's word on a request. Rows are only added, never changed. */
export interface Decision {
  id: string
  approval_id: string
  verdict: DecisionVerdict
  method: DecisionMethod
  /** Whose word it is, as the policy knows people. */
  person: string
  /** What they were known by: the signers list's name, a login, a token's label, a user name. */
  identity: string
  /** What it was worth when it was made; it is judged again when it is used. */
  level: AssuranceLevel
  /** Canonical JSON of a `DecisionStatement`: the bytes that were signed, or what a platform was read to say. */
  statement: string
  /** The SSH signature file's text; null where there is none. */
  signature: string | null
  /** Where it can be read back: the address of a comment. */
  url: string | null
  decided_at: number
}

/** `approved`: as many people consented as policy wants. */
export type ApprovalState = 'open' | 'approved' | 'rejected' | 'revoked' | 'consumed' | 'superseded'

/** A stored request, and all that was ever decided about it. */
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
  /** Oldest first. */
  decisions: Decision[]
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

/** What is known about a login that consented, and about who starts deployments. */
export interface LoginFacts {
  login: string
  /** The login gonogo acts as; null where it acts as a program. */
  own: string | null
  /** True when what is started there verifies the consent by itself before it deploys. */
  verified_by_pipeline: boolean
  /** True when this process's user cannot change who the listed logins are. */
  policy_out_of_reach: boolean
}

/** The level a login's consent reaches; null where it is no consent of somebody else. */
export function levelOfLogin(facts: LoginFacts): AssuranceLevel | null {
  if (facts.own !== null && sameLogin(facts.login, facts.own)) return null
  if (facts.verified_by_pipeline) return 'L2'
  return facts.policy_out_of_reach ? 'L1' : 'L0'
}

/** GitHub's logins differ by more than case. */
export function sameLogin(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** Waivers of a plan that nobody gets without consent, wherever it goes. */
const consentWaivers = ['override_freeze', 'break_glass']

/** The gates a plan sets aside by consent: what a request says in `overrides`. */
export function overridesOf({ skips }: { skips: readonly string[] }): string[] {
  return skips.filter((skip) => consentWaivers.includes(skip))
}

/** What kind of request a plan needs. */
export function kindOf({ skips }: { skips: readonly string[] }): ApprovalKind {
  return skips.includes('break_glass') ? 'break_glass' : 'standard'
}

/** Whether a plan wants consent: its environment always does, or the plan sets a gate aside. */
export function wantsApproval(
  environment: { approval: 'required' | 'none' },
  plan: { skips: readonly string[] },
): boolean {
  return environment.approval === 'required' || overridesOf(plan).length > 0
}
