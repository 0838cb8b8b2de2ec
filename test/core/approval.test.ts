import { describe, expect, it } from 'vitest'
import {
  leastLevel,
  levelOf,
  meetsLevel,
  selfApprovalProblem,
  type SignatureFacts,
} from '../../src/core/approval.ts'

describe('levelOf', () => {
  const strong: SignatureFacts = {
    protection: 'passphrase',
    user_present: false,
    policy_out_of_reach: true,
    held_by_agent: false,
  }

  it.each<[string, Partial<SignatureFacts>, string]>([
    ['a passphrase nobody has typed in advance', {}, 'L1'],
    ['a security key that was touched', { protection: 'hardware', user_present: true }, 'L1'],
    ['a security key that was not touched', { protection: 'hardware' }, 'L0'],
    ['a key anyone can use', { protection: 'none' }, 'L0'],
    ['a touch claimed for a plain key', { protection: 'none', user_present: true }, 'L0'],
    ['a key an agent holds', { held_by_agent: true }, 'L0'],
    [
      'a touched key an agent holds',
      { protection: 'hardware', user_present: true, held_by_agent: true },
      'L0',
    ],
    ['signers this user can change', { policy_out_of_reach: false }, 'L0'],
  ])('gives %s its level', (_, facts, level) => {
    expect(levelOf({ ...strong, ...facts })).toBe(level)
  })
})

describe('meetsLevel', () => {
  it('orders the levels', () => {
    expect(meetsLevel('L1', 'L1')).toBe(true)
    expect(meetsLevel('L2', 'L1')).toBe(true)
    expect(meetsLevel('L0', 'L1')).toBe(false)
    expect(meetsLevel('L1', 'L2')).toBe(false)
  })
})

describe('leastLevel', () => {
  it('is raised by the strict mode and never lowered', () => {
    expect(leastLevel('strict', 'L0')).toBe('L1')
    expect(leastLevel('strict', 'L2')).toBe('L2')
    expect(leastLevel('standard', 'L0')).toBe('L0')
  })
})

describe('selfApprovalProblem', () => {
  it.each<['auto' | 'allowed' | 'forbidden', number, boolean]>([
    ['auto', 1, false],
    ['auto', 2, true],
    ['allowed', 2, false],
    ['forbidden', 1, true],
  ])('with %s and %i approvers: %s', (policy, approvers, refused) => {
    const problem = selfApprovalProblem(policy, approvers, 'alice', 'human:alice')
    expect(problem !== null).toBe(refused)
  })

  it('knows the same person without a terminal', () => {
    expect(selfApprovalProblem('forbidden', 2, 'alice', 'automation:alice')).not.toBeNull()
  })

  it('lets anyone approve what someone else or an agent asked for', () => {
    expect(selfApprovalProblem('forbidden', 2, 'alice', 'human:bob')).toBeNull()
    expect(selfApprovalProblem('forbidden', 2, 'alice', 'agent:alice')).toBeNull()
  })
})
