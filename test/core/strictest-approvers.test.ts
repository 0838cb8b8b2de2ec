import { expect, it } from 'vitest'
import { holdingPolicy } from '../../src/core/base-policy.ts'
import { mayApprove, personOf } from '../../src/core/approver-policy.ts'
import type { ApprovalPolicy, ApproverRule } from '../../src/core/project.ts'
import { approverRule, fakeEnvironment, fakeProject } from '../support/fake-project.ts'

interface Side {
  rule?: Partial<ApproverRule>
  approvals?: Partial<ApprovalPolicy>
}

function project({ rule = {}, approvals = {} }: Side) {
  const production = fakeEnvironment('production', { approvers: approverRule(rule) })
  return fakeProject({
    environments: [fakeEnvironment('staging'), production],
    approvals: { ...fakeProject().approvals, ...approvals },
  })
}

function held(here: Side, there: Side) {
  const ours = project(here)
  return holdingPolicy(ours, ours.environments[1]!, { branch: 'main', project: project(there) })
}

it.each<[Side, Side, Partial<ApproverRule>, string[]]>([
  [
    { rule: { count: 1 } },
    { rule: { count: 2 } },
    { count: 2 },
    ['approvers.count is 1 here and 2 on main: 2 counts'],
  ],
  [{ rule: { count: 3 } }, { rule: { count: 2 } }, { count: 3 }, []],
  [
    {},
    { rule: { reason: 'required' } },
    { reason: 'required' },
    ['approvers.reason is optional here and required on main: required counts'],
  ],
  [
    {},
    { rule: { people: ['ada', 'bob'] } },
    { people: ['ada', 'bob'] },
    ['approvers.people is everybody here and ada, bob on main: ada, bob counts'],
  ],
  [{ rule: { people: ['ada'] } }, { rule: { people: ['ada', 'bob'] } }, { people: ['ada'] }, []],
  [{ rule: { people: ['ada'] } }, {}, { people: ['ada'] }, []],
  [
    { rule: { people: ['ada', 'eve'] } },
    { rule: { people: ['ada', 'bob'] } },
    { people: ['ada', 'bob'] },
    ['approvers.people is ada, eve here and ada, bob on main: ada, bob counts'],
  ],
  // A group is what the branch says it is.
  [
    { rule: { people: ['ops'] }, approvals: { groups: { ops: ['eve'] } } },
    { rule: { people: ['ops'] }, approvals: { groups: { ops: ['ada'] } } },
    { people: ['ada'] },
    ['approvers.people is eve here and ada on main: ada counts'],
  ],
])('%j under %j', (here, there, rule, lowered) => {
  const result = held(here, there)
  expect(result.environment.approvers).toMatchObject(rule)
  expect(result.lowered).toEqual(lowered)
})

const person = (signers: string[], github: string[] = []) => ({ signers, github, users: [] })

it('lets nobody here become somebody of the branch', () => {
  const here = { ada: person(['ada', 'eve']), eve: person(['bob-key'], ['ADA-L', 'eve-l']) }
  const there = { ada: person(['ada'], ['ada-l']), bob: person(['bob-key']) }
  const { people } = held({ approvals: { people: here } }, { approvals: { people: there } }).project
    .approvals
  expect(personOf({ people }, { kind: 'signer', name: 'eve' })).toBe('eve')
  expect(personOf({ people }, { kind: 'signer', name: 'bob-key' })).toBe('bob')
  expect(personOf({ people }, { kind: 'github', name: 'ada-l' })).toBe('ada')
  expect(people['eve']?.github).toEqual([])
})

const eve = { kind: 'signer', name: 'eve-key' } as const

it.each<[what: string, here: Side, there: Side]>([
  [
    'a group with the name of somebody',
    {
      rule: { people: ['ada'] },
      approvals: { people: { eve: person(['eve-key']) }, groups: { ada: ['eve'] } },
    },
    { rule: { people: ['ada'] }, approvals: { people: { ada: person(['ada-key']) } } },
  ],
  [
    'the name of somebody who is only named there',
    { rule: { people: ['ada'] }, approvals: { people: { ada: person(['eve-key']) } } },
    { rule: { people: ['ada'] } },
  ],
  [
    'a group of one, with the name of another',
    { rule: { people: ['eve'] }, approvals: { groups: { eve: ['ada'] } } },
    {
      rule: { people: ['ada'] },
      approvals: { people: { ada: person(['ada-key']), eve: person(['eve-key']) } },
    },
  ],
])('does not let %s approve', (_, here, there) => {
  const { project: strict, environment } = held(here, there)
  const names = environment.approvers.people
  expect(mayApprove({ policy: strict.approvals, names }, eve)).toBe(false)
})

it('does not take a person apart who is only named on the branch', () => {
  const here = {
    zed: { signers: [], github: [], users: ['ada'] },
    ada2: person(['ada'], ['ada-l']),
  }
  const there = { rule: { people: ['ada', 'bob'] } }
  const { people } = held({ approvals: { people: here } }, there).project.approvals
  expect(personOf({ people }, { kind: 'user', name: 'ada' })).toBe('ada')
  expect(personOf({ people }, { kind: 'signer', name: 'ada' })).toBe('ada')
  expect(
    mayApprove({ policy: { people, groups: {} }, names: [] }, { kind: 'github', name: 'ada-l' }),
  ).toBe(false)
})

it('adds no login where the branch keeps the list of approvers', () => {
  const kept = { signers_in_repository: 'ops/approvers' }
  const { people } = held(
    { approvals: { ...kept, people: { eve: person([], ['eve-l']) } } },
    { approvals: kept },
  ).project.approvals
  expect(people['eve']?.github).toEqual([])
})

it('cannot go on with another list of approvers than the one on the branch', () => {
  const { unmet } = held({}, { approvals: { signers_in_repository: 'approvers' } })
  expect(unmet).toEqual([expect.stringContaining('approvals.signers_in_repository is not what')])
})
