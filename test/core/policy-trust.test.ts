import { describe, expect, it } from 'vitest'
import { isGuarded, trustLevel } from '../../src/core/policy-trust.ts'
import type { Environment } from '../../src/core/project.ts'
import { fakeEnvironment, fakeProject } from '../support/fake-project.ts'

const at = (directory: string) => ({ directory, prepare: [], activate: [], keep_releases: 5 })
const environment = (name: string, changes: Partial<Environment> = {}) =>
  fakeEnvironment(name, { local: at(`/srv/${name}`), ...changes })
const [staging, production] = [environment('staging'), environment('production')]

describe('guarded', () => {
  it('is the last environment and what wants an approval', () => {
    const canary = environment('canary', { approval: 'required' })
    const last = { ...production, approval: 'none' as const }
    const policy = [staging, canary, last]
    expect(policy.map((one) => isGuarded(one, [policy]))).toEqual([false, true, true])
  })

  const open = { ...production, approval: 'none' as const }
  it.each<[string, Environment[], Environment]>([
    ['no approval any more and no longer last', [open, environment('demo')], open],
    ['a new name for the same place', [{ ...open, name: 'live' }], { ...open, name: 'live' }],
    [
      'staging pointed at it',
      [{ ...staging, local: production.local }],
      { ...staging, local: production.local },
    ],
    [
      'a directory inside it',
      [environment('x', { local: at('/srv/production/x') })],
      environment('x', { local: at('/srv/production/x') }),
    ],
  ])('stays what was, by %s', (_, changed, one) => {
    const now = [...changed, environment('last')]
    expect(isGuarded(one, [now])).toBe(false)
    expect(isGuarded(one, [now, [staging, production]])).toBe(true)
  })

  it('stays what was, by an environment of another name that is the same one on GitHub', () => {
    const github = { ...production.github, environment: 'Production' }
    const prod = environment('prod', { github })
    const now = [prod, environment('last')]
    expect(isGuarded(prod, [now])).toBe(false)
    expect(isGuarded(prod, [now, [staging, production]])).toBe(true)
    // As it was trusted before environments had a name on GitHub.
    const old = JSON.parse(JSON.stringify({ ...production, github: undefined })) as Environment
    expect(isGuarded(prod, [now, [staging, old]])).toBe(true)
  })

  it('is not what only begins like it', () => {
    const beside = environment('beside', { local: at('/srv/production-old') })
    expect(isGuarded(beside, [[beside, production]])).toBe(false)
  })
})

const levelOf = (mode: 'standard' | 'strict', environments: Environment[]) =>
  trustLevel({ environments, approvals: { ...fakeProject().approvals, mode } })

describe('the level a policy wants of its signature', () => {
  it('is that of its strictest guarded environment', () => {
    const least_level = 'L1' as const
    expect(levelOf('standard', [staging, production]).least).toBe('L0')
    expect(levelOf('standard', [{ ...staging, least_level }, production]).least).toBe('L0')
    expect(levelOf('standard', [staging, { ...production, least_level }])).toEqual({
      least: 'L1',
      environment: 'production',
    })
  })

  it('is L1 in strict mode', () => {
    expect(levelOf('strict', [staging, production]).least).toBe('L1')
  })
})
