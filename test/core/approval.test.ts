import { describe, expect, it } from 'vitest'
import {
  leastLevel,
  levelOf,
  meetsLevel,
  levelOfLogin,
  kindOf,
  overridesOf,
  wantsApproval,
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

describe('levelOfLogin', () => {
  const other = { login: 'ada', own: 'bot', verified_by_pipeline: true, policy_out_of_reach: false }

  it.each<[string, Partial<typeof other>, string | null]>([
    ['another login, and a pipeline that asks for it', {}, 'L2'],
    ['a pipeline that does not ask', { verified_by_pipeline: false }, 'L0'],
    [
      'a pipeline that does not ask, and a policy out of reach',
      { verified_by_pipeline: false, policy_out_of_reach: true },
      'L1',
    ],
    ['the login gonogo acts as, however it is written', { own: 'ADA' }, null],
  ])('gives %s its level', (_, facts, level) => {
    expect(levelOfLogin({ ...other, ...facts })).toBe(level)
  })

  it('knows a program that has no login from everybody', () => {
    expect(levelOfLogin({ ...other, own: null })).toBe('L2')
  })
})

describe('what consent is wanted for', () => {
  it.each<['required' | 'none', string[], boolean, string, string[]]>([
    ['none', [], false, 'standard', []],
    ['none', ['skip_smoke_tests'], false, 'standard', []],
    ['required', [], true, 'standard', []],
    ['none', ['override_freeze'], true, 'standard', ['override_freeze']],
    ['none', ['break_glass', 'allow_older'], true, 'break_glass', ['break_glass']],
  ])('with approval %s and waivers %j: %s', (approval, skips, wanted, kind, overrides) => {
    expect(wantsApproval({ approval }, { skips })).toBe(wanted)
    expect(kindOf({ skips })).toBe(kind)
    expect(overridesOf({ skips })).toEqual(overrides)
  })
})
