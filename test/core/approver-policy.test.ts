import { describe, expect, it } from 'vitest'
import {
  approvingPeople,
  consentRule,
  mayApprove,
  personOf,
  selfApprovalProblem,
  type Identity,
} from '../../src/core/approver-policy.ts'
import type { ApprovalPolicy } from '../../src/core/project.ts'
import { approverRule, fakeProject } from '../support/fake-project.ts'

const people: ApprovalPolicy['people'] = {
  ada: { signers: ['ada@laptop', 'ada@desk'], github: ['Ada-L'], users: ['alovelace'] },
  bob: { signers: [], github: ['bobhub'], users: [] },
}
const policy = { people, groups: { ops: ['ada', 'carol'] } }

const signer = (name: string): Identity => ({ kind: 'signer', name })
const login = (name: string): Identity => ({ kind: 'github', name })

describe('personOf', () => {
  it.each<[Identity, string]>([
    [signer('ada@desk'), 'ada'],
    [login('ada-l'), 'ada'],
    [{ kind: 'user', name: 'alovelace' }, 'ada'],
    [signer('carol'), 'carol'],
    // A signer of somebody's login is not that login.
    [signer('Ada-L'), 'Ada-L'],
  ])('knows %j as %s', (identity, person) => {
    expect(personOf(policy, identity)).toBe(person)
  })
})

describe('mayApprove', () => {
  it.each<[Identity, string[], boolean]>([
    [signer('anybody'), [], true],
    [signer('ada@desk'), ['ada'], true],
    [signer('ada@desk'), ['ops'], true],
    [signer('carol'), ['ops'], true],
    [signer('bob'), ['ops'], false],
    [signer('bob'), ['bob'], true],
    [login('ADA-L'), ['ops'], true],
    [login('stranger'), [], false],
    [login('carol'), ['ops'], false],
    // The name alone is not enough of somebody who is known by other names.
    [signer('ada'), ['ada'], false],
    [signer('ada'), [], false],
    [signer('ops'), ['ops'], false],
    [signer('__proto__'), ['__proto__'], true],
  ])('of %j where %j count: %s', (identity, names, may) => {
    expect(mayApprove({ policy, names }, identity)).toBe(may)
  })
})

it('counts people, not keys and logins', () => {
  const signers = ['ada@laptop', 'ada@desk', 'carol', 'mallory']
  expect(approvingPeople({ policy, names: [] }, signers, true)).toEqual([
    'ada',
    'carol',
    'mallory',
    'bob',
  ])
  expect(approvingPeople({ policy, names: ['ops'] }, signers, false)).toEqual(['ada', 'carol'])
})

describe('consentRule', () => {
  const { approvals } = fakeProject()
  const production = {
    approvers: approverRule({ count: 2, people: ['ops'], validity_minutes: 60 }),
    least_level: 'L0' as const,
  }

  it('is what the environment says, and the mode', () => {
    const strict = { ...approvals, mode: 'strict' as const }
    expect(consentRule(strict, production, 'standard')).toMatchObject({
      count: 2,
      names: ['ops'],
      least: 'L1',
      minutes: 60,
    })
  })

  it('takes one approval of an emergency, of the same people, and not for long', () => {
    const rule = consentRule(approvals, production, 'break_glass')
    expect(rule).toMatchObject({ count: 1, several: true, names: ['ops'], minutes: 10 })
    const short = { ...production, approvers: approverRule({ validity_minutes: 5 }) }
    expect(consentRule(approvals, short, 'break_glass').minutes).toBe(5)
  })
})

const by = (requester: string, operator = 'root') => ({ requester, operator })
const rule = (self_approval: 'auto' | 'allowed' | 'forbidden', several = false) => ({
  policy,
  self_approval,
  several,
})

describe('selfApprovalProblem', () => {
  it.each<['auto' | 'allowed' | 'forbidden', boolean, number, string, boolean]>([
    ['auto', false, 1, 'human:alovelace', false],
    ['auto', false, 2, 'human:alovelace', true],
    ['auto', true, 1, 'human:alovelace', true],
    ['auto', true, 2, 'agent:alovelace', false],
    ['allowed', true, 2, 'human:alovelace', false],
    ['forbidden', false, 1, 'human:alovelace', true],
    ['forbidden', false, 1, 'automation:alovelace', true],
    ['forbidden', false, 1, 'human:bob', false],
    ['forbidden', false, 1, 'agent:claude', false],
  ])('with %s, several %s, %i approvers, asked by %s: %s', (own, several, many, who, refused) => {
    const problem = selfApprovalProblem(rule(own, several), many, 'ada', by(who))
    expect(problem !== null).toBe(refused)
  })

  it('counts on whose behalf an assistant asked only where it is forbidden', () => {
    const asked = by('agent:claude', 'alovelace')
    expect(selfApprovalProblem(rule('auto', true), 2, 'ada', asked)).toBeNull()
    expect(selfApprovalProblem(rule('forbidden'), 2, 'ada', asked)).toBe(
      'agent:claude asked for this on behalf of ada, who may not approve it too',
    )
    expect(selfApprovalProblem(rule('forbidden'), 2, 'bob', asked)).toBeNull()
  })
})
