import { leastLevel, meetsLevel, type AssuranceLevel } from './approval.ts'
import type { PolicyChange } from './policy-difference.ts'
import type { Environment, Project } from './project.ts'

/** The SSH signature namespace; an approval of a deployment can never stand in for it, nor it for one. */
export const trustNamespace = 'gonogo-trust'

/** Exactly what an approver signs to trust a policy, as canonical JSON. */
export type TrustStatement = {
  format: 'gonogo-trust-v1'
  id: string
  project: string
  policy_hash: string
  nonce: string
  /** RFC 3339, UTC. */
  signed_at: string
}

/** The policy that was trusted last. The stored signature is verified again whenever it is used. */
export interface TrustedPolicy {
  project: string
  /** Canonical JSON of a `TrustStatement`: the bytes that were signed. */
  statement: string
  /** Canonical JSON of the policy: what was hashed, so that a later change can be shown. */
  policy: string
  signature: string
  approver: string
  /** What the signature was worth when it was made. */
  level: AssuranceLevel
  trusted_at: number
}

/** Where the effective policy stands. Anything but `trusted` and `reviewed` is not trusted. */
export type PolicyTrust =
  | { state: 'trusted'; approver: string; level: AssuranceLevel; at: string }
  /** It is what the branch has, onto which nothing comes without somebody else's review. */
  | { state: 'reviewed'; branch: string }
  /** Nobody has trusted any policy of this project. */
  | { state: 'never' }
  | { state: 'changed'; approver: string; at: string; changes: PolicyChange[] }
  /** What is stored does not hold, such as a signature of somebody who is no approver any more. */
  | { state: 'invalid'; problem: string }

/** The parts of a policy that say what is guarded, and how well. */
export type GuardedPolicy = Pick<Project, 'environments' | 'approvals'>

/** The last environment, and each one that wants an approval. */
function guardedEnvironments(environments: readonly Environment[]): Environment[] {
  const last = environments.at(-1)
  return environments.filter(
    (environment) => environment === last || environment.approval === 'required',
  )
}

/**
 * Whether the policy has to be trusted before this environment is changed. An environment that was
 * guarded stays so when it is renamed, reordered or said to want no approval: what is guarded is the
 * name as well as the place it stands for.
 */
export function isGuarded(
  environment: Environment,
  policies: readonly (readonly Environment[])[],
): boolean {
  return policies
    .flatMap((environments) => guardedEnvironments(environments))
    .some((guarded) => guarded.name === environment.name || samePlace(guarded, environment))
}

function samePlace(one: Environment, other: Environment): boolean {
  return sameDirectory(one, other) || onGitHub(one) === onGitHub(other)
}

function sameDirectory({ local: one }: Environment, { local: other }: Environment): boolean {
  if (!one || !other) return false
  const [left, right] = [`${one.directory}/`, `${other.directory}/`]
  return left.startsWith(right) || right.startsWith(left)
}

/** GitHub's names differ by more than case. A policy that was trusted before there were any has none. */
function onGitHub({ name, github }: Omit<Environment, 'github'> & Partial<Environment>): string {
  return (github?.environment ?? name).toLowerCase()
}

/** What a signature under this policy must be worth: the strictest guarded environment decides. */
export function trustLevel({ environments, approvals }: GuardedPolicy): {
  least: AssuranceLevel
  environment: string
} {
  const wanted = guardedEnvironments(environments).map(({ name, least_level }) => ({
    least: leastLevel(approvals.mode, least_level),
    environment: name,
  }))
  const weakest = { least: leastLevel(approvals.mode, 'L0'), environment: 'every environment' }
  return wanted.reduce((most, one) => (meetsLevel(most.least, one.least) ? most : one), weakest)
}
