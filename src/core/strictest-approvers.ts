import { namedPeople } from './approver-policy.ts'
import type { ApproverRule, Environment, PersonIdentities, Project } from './project.ts'

/** A project, and the environment of it that is looked at. */
export interface Side {
  project: Project
  environment: Environment
}

/** Takes the value of the other side, and tells that it was to be lowered. */
type Note = <T extends string | number>(path: string, here: T, there: T) => T

/** Whose consent an environment wants, as strict as either side has it. */
export function strictApprovers(ours: Side, base: Side, note: Note): ApproverRule {
  const [here, there] = [ours.environment.approvers, base.environment.approvers]
  const value = <Key extends 'count' | 'validity_minutes' | 'self_approval' | 'reason'>(
    key: Key,
    stricter: boolean,
  ): ApproverRule[Key] => (stricter ? note(`approvers.${key}`, here[key], there[key]) : here[key])
  return {
    count: value('count', there.count > here.count),
    validity_minutes: value('validity_minutes', there.validity_minutes < here.validity_minutes),
    self_approval: value('self_approval', order(there) > order(here)),
    reason: value('reason', there.reason === 'required' && here.reason === 'optional'),
    people: narrower(ours, base, note),
  }
}

function order({ self_approval }: ApproverRule): number {
  return ['allowed', 'auto', 'forbidden'].indexOf(self_approval)
}

/** Groups are taken apart, each by the side that names them: what a group is called says nothing. */
function narrower(ours: Side, base: Side, note: Note): string[] {
  const names = ({ project, environment }: Side) =>
    namedPeople(project.approvals, environment.approvers.people)
  const [here, there] = [names(ours), names(base)]
  const within = here.length > 0 && here.every((name) => there.includes(name))
  if (there.length === 0 || within) return here
  note('approvers.people', here.join(', ') || 'everybody', there.join(', '))
  return there
}

type People = Record<string, PersonIdentities>

/**
 * Who somebody is, is said by the base; here others may be added, who are nobody of the base, neither by what
 * they are known by nor by name. Where the base lists logins, or keeps the list of approvers, only its logins
 * count: a login needs no other proof.
 */
export function strictPeople({ project: { approvals } }: Side, base: Side): People {
  const there = base.project.approvals
  const known = Object.values(there.people)
  const names = namesOf(base)
  const isFree = (kind: 'signers' | 'users') => {
    const taken = new Set([...names, ...known.flatMap((person) => person[kind])])
    return (name: string) => !taken.has(name)
  }
  const [freeSigner, freeUser] = [isFree('signers'), isFree('users')]
  const ownLogins =
    there.signers_in_repository === null && known.every(({ github }) => github.length === 0)
  const added = Object.entries(approvals.people).filter(([name]) => !names.has(name))
  const left = added.map(([name, { signers, users, github }]): [string, PersonIdentities] => {
    // Whose key is somebody of the base would count twice with a login.
    const isOther = signers.every(freeSigner)
    const logins = ownLogins && isOther ? github : []
    return [
      name,
      { signers: signers.filter(freeSigner), users: users.filter(freeUser), github: logins },
    ]
  })
  return { ...Object.fromEntries(left), ...there.people }
}

/** Everybody the base has a name for, whether it says what they are known by or not. */
function namesOf({ project: { approvals }, environment }: Side): Set<string> {
  const named = namedPeople(approvals, environment.approvers.people)
  const grouped = Object.values(approvals.groups).flat()
  return new Set([...Object.keys(approvals.people), ...grouped, ...named])
}
