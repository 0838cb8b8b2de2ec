import { meetsLevel, type AssuranceLevel } from '../../core/approval.ts'
import { couldNotRun, failed, passed } from '../../core/check.ts'
import type { GateInput } from '../../core/gate.ts'
import { policyChanges, type PolicyChange } from '../../core/policy-difference.ts'
import {
  isGuarded,
  trustLevel,
  trustNamespace,
  type GuardedPolicy,
  type PolicyTrust,
  type TrustedPolicy,
  type TrustStatement,
} from '../../core/policy-trust.ts'
import { changeText } from '../../core/policy-view.ts'
import type { Environment } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import type { Context } from '../../ports/context.ts'
import { reachedLevel } from './level.ts'

/** Where the effective policy stands, judged anew: the stored signature is verified each time. */
export async function policyTrust(context: Context): Promise<PolicyTrust> {
  return await standing(context, await lastTrust(context))
}

/** The gate of an environment that the policy guards; nothing for any other. */
export async function trustGates(environment: Environment, call: Context): Promise<GateInput[]> {
  const last = await lastTrust(call)
  const policies = [call.project.environments, ...(last ? [environmentsOf(last.policy)] : [])]
  if (!isGuarded(environment, policies)) return []
  return [gateOf(await standing(call, last), call.project.approvals.mode)]
}

/** What was trusted last, whatever it is worth. */
async function lastTrust(context: Context): Promise<TrustedPolicy | null> {
  return await context.store.read((tables) => tables.trustedPolicies.last())
}

/** A signature, or what is as good: the very policy of a branch that this identity cannot change alone. */
async function standing(context: Context, last: TrustedPolicy | null): Promise<PolicyTrust> {
  const signed = await judge(context, last)
  return signed.state === 'trusted' ? signed : ((await reviewed(context)) ?? signed)
}

async function reviewed({
  basePolicy,
  baseReach,
  policyText,
}: Context): Promise<PolicyTrust | null> {
  const base = (await basePolicy?.()) ?? null
  if (base?.policy !== policyText || baseReach === undefined) return null
  return (await baseReach()) === null ? { state: 'reviewed', branch: base.branch } : null
}

async function judge(context: Context, last: TrustedPolicy | null): Promise<PolicyTrust> {
  if (last === null) return { state: 'never' }
  const verdict = await examine(context, last)
  if ('problem' in verdict) return { state: 'invalid', problem: verdict.problem }
  const { approver, level } = verdict
  const { policy_hash, signed_at: at } = verdict.statement
  if (policy_hash === context.policyHash) return { state: 'trusted', approver, level, at }
  return { state: 'changed', approver, at, changes: policyChanges(last.policy, context.policyText) }
}

type Verdict =
  | { problem: string }
  | { statement: TrustStatement; approver: string; level: AssuranceLevel }

/** A row proves nothing by being there: what was signed, who signed it and what that is worth do. */
async function examine(context: Context, last: TrustedPolicy): Promise<Verdict> {
  const statement = statementOf(last)
  if (statement === null) return { problem: 'what is stored is no statement of trust' }
  const problem = contradiction(context, last, statement)
  if (problem !== null) return { problem }
  const verdict = await context.signer.verify(last.statement, last.signature, trustNamespace)
  if (!verdict.valid) return { problem: `its signature: ${verdict.problem}` }
  const { name } = verdict.approver
  const level = await reachedLevel(context, verdict.approver, verdict.user_present)
  const { least, environment } = trustLevel(JSON.parse(last.policy) as GuardedPolicy)
  if (meetsLevel(level, least)) return { statement, approver: name, level }
  return {
    problem: `the signature of ${name} reaches ${level} here, and ${environment} wants ${least}`,
  }
}

function statementOf({ statement }: TrustedPolicy): TrustStatement | null {
  try {
    const parsed = JSON.parse(statement) as Partial<TrustStatement> | null
    return parsed?.format === 'gonogo-trust-v1' ? (parsed as TrustStatement) : null
  } catch {
    return null
  }
}

function contradiction(
  context: Context,
  { policy, trusted_at }: TrustedPolicy,
  { project, policy_hash, signed_at }: TrustStatement,
): string | null {
  if (project !== context.project.name) return 'it was signed for another project'
  if (context.runtime.sha256(policy) !== policy_hash)
    return 'the stored policy is not the one that was signed'
  return Date.parse(signed_at) === trusted_at ? null : 'its time is not the one that was signed'
}

/** Read before anything was verified: it can only make more environments guarded. */
function environmentsOf(policy: string): Environment[] {
  try {
    const { environments } = JSON.parse(policy) as GuardedPolicy
    return environments.filter((environment) => typeof environment.name === 'string')
  } catch {
    return []
  }
}

const name = 'policy_trusted'

/** Never satisfied unless the trust was verified just now. */
function gateOf(trust: PolicyTrust, mode: 'standard' | 'strict'): GateInput {
  switch (trust.state) {
    case 'trusted':
      return required(passed(name, `trusted by ${trust.approver} (${trust.level})`))
    case 'reviewed':
      return required(passed(name, `it is what ${oneLine(trust.branch, 100)} has, by review`))
    case 'changed':
      return required(failed(name, changedText(trust.approver, trust.changes)))
    case 'invalid':
      return required(
        failed(name, `no trusted policy counts (${trust.problem}): a person runs gonogo trust`),
      )
    case 'never':
      return mode === 'strict'
        ? required(
            couldNotRun(
              name,
              'required',
              'nobody has trusted this policy yet: a person runs gonogo trust',
            ),
          )
        : { requirement: 'advisory', check: couldNotRun(name, 'advisory', unpinned) }
  }
}

function required(check: GateInput['check']): GateInput {
  return { requirement: 'required', check }
}

const unpinned =
  'the policy is not pinned: whoever edits the configuration changes the rules; a person pins it with gonogo trust'

const toldChanges = 3

function changedText(approver: string, changes: readonly PolicyChange[]): string {
  const told = changes.slice(0, toldChanges).map((change) => oneLine(changeText(change), 70))
  const more = changes.length - told.length
  const rest = more > 0 ? `; and ${more} more` : ''
  // A server that was started before the change still has the old policy, whatever was trusted since.
  return `the policy changed since ${approver} trusted it (a person looks with gonogo trust): ${told.join('; ')}${rest}`
}
