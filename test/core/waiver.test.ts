import { expect, it } from 'vitest'
import { failed, passed, skipped, warned, type Check } from '../../src/core/check.ts'
import { decide, type GateInput } from '../../src/core/gate.ts'
import type { PlanAction } from '../../src/core/plan.ts'
import { waive, waiverWarnings } from '../../src/core/waiver.ts'

const required = (check: Check): GateInput => ({ check, requirement: 'required' })
const names = [
  'git_ref_valid',
  'tests_passed',
  'security_scan',
  'policy_trusted',
  'base_policy',
  'release_not_held',
  'line_running',
  'freeze_window',
  'runs_on_staging',
  'staging_smoke_tests',
  'verified_here',
  'preflight',
  'runs_on_preview',
]
const waivers = ['break_glass', 'override_freeze', 'skip_smoke_tests', 'allow_older']

/** The same numbers every time. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

it('waives nothing that the list of waivers does not name, over 10,000 plans', () => {
  const random = randomNumbers(7)
  const allowed = new Map<string, Set<string>>()
  const surprises: unknown[] = []
  for (let round = 0; round < 10_000; round += 1) {
    const action = (['deploy', 'promote', 'rollback'] as const)[random(3)]!
    const skips = waivers.filter(() => random(3) === 0)
    const before = random(2) === 0 ? null : 'staging'
    const gates = names
      .filter(() => random(2) === 0)
      .map((name) => required([failed, passed, skipped, warned][random(4)]!(name, 'as it is')))
    const { gates: judged, set_aside } = waive(gates, { action, before, skips })
    const without = waive(gates, { action, before, skips: [] })
    if (without.gates.some((gate, index) => gate !== gates[index])) surprises.push([skips, without])
    // Whatever the gate decides differently, it is set aside, and the other way round.
    const freed = gates.filter((gate, index) => !decide([gate]).go && decide([judged[index]!]).go)
    const told = freed.map(({ check }) => check.check_name)
    if (told.join() !== set_aside.join()) surprises.push([skips, told, set_aside])
    for (const name of set_aside)
      for (const skip of skips) {
        const key = `${action} ${skips.length === 1 ? skip : '?'}`
        allowed.set(key, (allowed.get(key) ?? new Set()).add(name))
      }
  }
  expect(surprises).toEqual([])
  expect(Object.fromEntries([...allowed].map(([key, set]) => [key, [...set].toSorted()]))).toEqual({
    'deploy override_freeze': ['freeze_window'],
    'deploy ?': ['freeze_window'],
    'promote override_freeze': ['freeze_window'],
    'promote skip_smoke_tests': ['staging_smoke_tests'],
    'promote break_glass': ['freeze_window', 'runs_on_staging', 'staging_smoke_tests'],
    'promote ?': ['freeze_window', 'runs_on_staging', 'staging_smoke_tests'],
    'rollback break_glass': ['release_not_held', 'verified_here'],
    'rollback ?': ['release_not_held', 'verified_here'],
  })
})

it('says first what is set aside and why', () => {
  const promote = { action: 'promote' as PlanAction, before: 'staging' }
  const gates = [required(failed('runs_on_staging', 'x')), required(failed('freeze_window', 'y'))]
  const { set_aside } = waive(gates, { ...promote, skips: ['break_glass'] })
  expect(waiverWarnings(['break_glass'], set_aside, 'login\nis down')).toEqual([
    'BREAK GLASS: goes around runs_on_staging, freeze_window; a review is owed afterwards: login is down',
  ])
  expect(waiverWarnings(['override_freeze'], ['freeze_window'], 'rent is due')).toEqual([
    'goes into a freeze: rent is due',
  ])
  expect(waiverWarnings(['override_freeze'], [], null)[0]).toMatch(/none is open/)
  expect(waiverWarnings(['skip_smoke_tests'], ['staging_smoke_tests'], null)).toEqual([])
})
