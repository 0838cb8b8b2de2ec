import type { ApprovalRequest, DecisionVerdict } from '../core/approval.ts'
import type { Environment } from '../core/project.ts'

/**
 * Consent by a login of the platform: gonogo shows the plan there, a person answers there, and what was
 * answered is read back whenever it is used.
 */
export interface PlatformApprovals {
  /** Makes the thread of a request, once per request; resolves to its address. */
  open(request: ApprovalRequest, plan: PlatformPlan): Promise<{ url: string }>
  /** What the thread says now. Empty where there is no thread. Fails when it cannot be read. */
  decisions(request: ApprovalRequest): Promise<PlatformDecision[]>
  /** Says in the thread how the request ended, and closes it. */
  close(request: ApprovalRequest, outcome: string): Promise<void>
  /** The login gonogo acts as; null where the platform does not say (an App). */
  login(): Promise<string | null>
  /**
   * Whether what carries deployments out refuses one to this environment that no listed login consented
   * to, and this identity cannot change that. Never fails: what cannot be seen is not verified.
   */
  verifiesConsent(environment: Environment): Promise<ConsentVerification>
}

export interface ConsentVerification {
  verified: boolean
  /** Why it is not, in one line; null when it is. */
  problem: string | null
}

/** The plan as lines of plain text; untrusted parts are already on one line each. */
export interface PlatformPlan {
  lines: string[]
  /** Logins to mention. */
  logins: string[]
}

export interface PlatformDecision {
  login: string
  verdict: Exclude<DecisionVerdict, 'revoked'>
  /** What the person wrote besides; null when nothing. */
  reason: string | null
  url: string
  /** Milliseconds since the epoch. */
  at: number
  /** Why it does not count: edited, written by a program, by the login gonogo acts as; null when it does. */
  problem: string | null
}
