import { consentRule, namedPeople, personOf, type ConsentRule } from '../../core/approver-policy.ts'
import type { Environment } from '../../core/project.ts'
import { possibleApprovers } from '../../tools/support/weigh.ts'
import { fail, ok, unseen, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'

/** Whether the people who are named could give the approvals that are wanted. */
export async function approverPolicyFindings(
  { call }: Patient,
  environment: Environment,
): Promise<Finding[]> {
  const rule = consentRule(call.project.approvals, environment, 'standard')
  const people = await possibleApprovers(call, rule)
  // That nobody at all can approve is a finding of its own.
  if (people.length === 0 && rule.names.length === 0) return []
  const unknown = namedPeople(rule.policy, rule.names).filter((person) => !people.includes(person))
  return [
    enough(environment.name, rule, people),
    ...ownRequests(call, environment.name, rule, people),
    ...[...new Set(unknown)].map((person) => nobody(environment.name, person, call)),
  ]
}

type Call = Patient['call']

const register = 'gonogo approver add NAME --key FILE'

function enough(name: string, { count }: ConsentRule, people: readonly string[]): Finding {
  const who = people.length === 0 ? 'nobody' : people.join(', ')
  const wanted = count === 1 ? 'one approval' : `${count} approvals`
  if (people.length < count) {
    const message = `${name} wants ${wanted} of different people, and ${who} can give one: it can never be approved`
    return fail(
      'approver_policy',
      message,
      `${register}, or lower environments.${name}.approvers.count`,
    )
  }
  return ok('approver_policy', `${name} wants ${wanted}; ${who} can give one`)
}

/** Where people may not approve what they asked for, the others have to be enough. */
function ownRequests(
  { runtime }: Call,
  name: string,
  rule: ConsentRule,
  people: readonly string[],
): Finding[] {
  const { self_approval, several, count } = rule
  const forbidden =
    self_approval === 'forbidden' || (self_approval === 'auto' && (several || people.length > 1))
  const own = personOf(rule.policy, { kind: 'user', name: runtime.userName() })
  const others = people.filter((person) => person !== own)
  if (!forbidden || others.length >= count || people.length < count) return []
  const what = self_approval === 'forbidden' ? 'anybody asks for here' : 'they ask for themselves'
  const message = `${own} may not approve what ${what}, and without them ${name} lacks ${count - others.length} approver(s)`
  return [warn('approver_policy', message, register)]
}

function nobody(name: string, person: string, { platformApprovals }: Call): Finding {
  const where =
    platformApprovals === null
      ? 'the list of approvers'
      : 'the list of approvers and no login of approvals.people'
  const message = `${person} is named to approve ${name}, and is in no line of ${where}`
  return warn('approver_person', message, `gonogo approver add ${person} --key FILE`)
}

/** Where the list of approvers comes from, when it is kept on a branch. */
export async function approverListFindings({ call, offline }: Patient): Promise<Finding[]> {
  const { approvers } = call
  if (approvers.onBranch === undefined) return []
  if (offline)
    return [
      unseen('approvals', 'the list of approvers on GitHub was not looked at', 'gonogo doctor'),
    ]
  const { place, text, reach } = await approvers.onBranch()
  if (text === '')
    return [
      fail(
        'approver_list',
        `there is no ${place}: nobody can approve`,
        'add it with a pull request',
      ),
    ]
  if (reach === null)
    return [
      ok(
        'approver_list',
        `approvers are read from ${place}, which gonogo's token cannot change by itself`,
      ),
    ]
  const message = `approvers are read from ${place}, which is within reach: ${reach}`
  return [
    warn('approver_list', message, 'protect the branch with required reviews: docs/github.md'),
  ]
}
