import { leastLevel, sameLogin, type ApprovalKind, type ApprovalRequest } from './approval.ts'
import type { AssuranceLevel } from './approval.ts'
import type { ApprovalPolicy, ApproverRule, PersonIdentities } from './project.ts'

/** What somebody is known by: a name in the signers list, a login of the platform, an operating-system user. */
export interface Identity {
  kind: 'signer' | 'github' | 'user'
  name: string
}

/** Who is who: the part of the policy that names people. */
export type PeoplePolicy = Pick<ApprovalPolicy, 'people' | 'groups'>

/** What a request has to meet. */
export interface ConsentRule {
  policy: PeoplePolicy
  /** How many different people. */
  count: number
  /** People and groups whose word counts; empty: every approver's. */
  names: readonly string[]
  self_approval: ApproverRule['self_approval']
  /** Whether more than one approval is wanted in general, whatever an emergency takes. */
  several: boolean
  least: AssuranceLevel
  reason: ApproverRule['reason']
  minutes: number
}

/** What an environment wants of a request of this kind. An emergency takes one approval, and not for long. */
export function consentRule(
  approvals: ApprovalPolicy,
  environment: { approvers: ApproverRule; least_level: AssuranceLevel },
  kind: ApprovalKind,
): ConsentRule {
  const { count, people, self_approval, validity_minutes, reason } = environment.approvers
  const emergency = kind === 'break_glass'
  return {
    policy: approvals,
    count: emergency ? 1 : count,
    names: people,
    self_approval,
    several: count > 1,
    least: leastLevel(approvals.mode, environment.least_level),
    reason,
    minutes: emergency
      ? Math.min(approvals.break_glass_minutes, validity_minutes)
      : validity_minutes,
  }
}

/** The person of an identity; what the policy does not list is a person of its own name. */
export function personOf({ people }: Pick<PeoplePolicy, 'people'>, identity: Identity): string {
  const listed = Object.entries(people).find(([, known]) => isListed(known, identity))
  return listed?.[0] ?? identity.name
}

function isListed(known: PersonIdentities, { kind, name }: Identity): boolean {
  if (kind === 'github') return known.github.some((login) => sameLogin(login, name))
  return known[kind === 'signer' ? 'signers' : 'users'].includes(name)
}

/** Whether the word of an identity counts under a rule. */
export function mayApprove(rule: Pick<ConsentRule, 'policy' | 'names'>, who: Identity): boolean {
  const { policy, names } = rule
  const person = personOf(policy, who)
  if (!isSurely(policy, person, who)) return false
  return names.length === 0 || namedPeople(policy, names).includes(person)
}

/**
 * Somebody who merely has the name of a listed person is not that person, once the list says what the
 * person is known by. Of logins only listed ones count: anybody can comment.
 */
function isSurely({ people }: PeoplePolicy, person: string, who: Identity): boolean {
  const known = Object.hasOwn(people, person) ? people[person] : undefined
  if (known !== undefined && isListed(known, who)) return true
  if (who.kind !== 'signer') return false
  return known === undefined || known.signers.length === 0
}

/** Groups taken apart. */
export function namedPeople({ groups }: PeoplePolicy, names: readonly string[]): string[] {
  return names.flatMap((name) => (Object.hasOwn(groups, name) ? (groups[name] ?? []) : [name]))
}

/** Everybody whose word would count: by the signers list, and by the logins of listed people. */
export function approvingPeople(
  rule: Pick<ConsentRule, 'policy' | 'names'>,
  signers: readonly string[],
  logins: boolean,
): string[] {
  const { people } = rule.policy
  const identities: Identity[] = [
    ...signers.map((name) => ({ kind: 'signer', name }) as const),
    ...(logins
      ? Object.values(people).flatMap(({ github }) =>
          github.map((name) => ({ kind: 'github', name }) as const),
        )
      : []),
  ]
  const counting = identities.filter((identity) => mayApprove(rule, identity))
  return [...new Set(counting.map((identity) => personOf(rule.policy, identity)))]
}

/** Why a person may not approve this request, or null. `approvers`: how many people could. */
export function selfApprovalProblem(
  { policy, self_approval, several }: Pick<ConsentRule, 'policy' | 'self_approval' | 'several'>,
  approvers: number,
  person: string,
  { requester, operator }: Pick<ApprovalRequest, 'requester' | 'operator'>,
): string | null {
  if (self_approval === 'allowed') return null
  if (self_approval === 'auto' && !several && approvers <= 1) return null
  const [, kind, name = ''] = /^(\w+):(.*)$/s.exec(requester) ?? []
  // A caller token may name the requester otherwise: who runs gonogo is asked for, too.
  const own = [name, operator].some(
    (user) => personOf(policy, { kind: 'user', name: user }) === person,
  )
  if (!own) return null
  // Without a terminal the same person is "automation"; only an agent is somebody else for sure.
  if (kind !== 'agent') return `${person} asked for this and may not approve it too`
  if (self_approval === 'auto') return null
  return `${requester} asked for this on behalf of ${person}, who may not approve it too`
}
