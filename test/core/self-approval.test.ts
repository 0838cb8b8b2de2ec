import { describe, expect, it } from 'vitest'
import { selfApprovalProblem } from '../../src/core/approver-policy.ts'

const people = { ada: { signers: ['ada@example.org'], github: [], users: ['adal'] } }

const problem = (
  self_approval: 'auto' | 'forbidden',
  request: { requester: string; operator: string },
) => {
  const rule = { policy: { people, groups: {} }, self_approval, several: false }
  return selfApprovalProblem(rule, 2, 'ada', request)
}

describe.each(['auto', 'forbidden'] as const)('self-approval %s', (policy) => {
  it.each([
    ['the user', { requester: 'human:adal', operator: 'adal' }],
    ['a program of the user', { requester: 'automation:adal', operator: 'adal' }],
    ['a caller token that the user gave another name', { requester: 'human:ci', operator: 'adal' }],
    ['the token of the person in a shared account', { requester: 'human:ada', operator: 'ship' }],
  ])('counts %s as the person', (_, request) => {
    expect(problem(policy, request)).toContain('may not approve it too')
  })

  it('lets a person approve what others asked for', () => {
    expect(problem(policy, { requester: 'human:bob', operator: 'bob' })).toBeNull()
    expect(problem(policy, { requester: 'agent:claude', operator: 'bob' })).toBeNull()
  })
})

it.each([
  ['an assistant of the user', { requester: 'agent:claude', operator: 'adal' }],
  ['an assistant with the token of the person', { requester: 'agent:ada', operator: 'ship' }],
  ['an assistant with a token of another name', { requester: 'agent:ci', operator: 'adal' }],
])('only where it is forbidden counts %s as the person', (_, request) => {
  expect(problem('auto', request)).toBeNull()
  expect(problem('forbidden', request)).toContain('on behalf of ada')
})
