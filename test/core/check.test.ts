import { describe, expect, it } from 'vitest'
import { couldNotRun, failed, passed, skipped } from '../../src/core/check.ts'
import { decide, type GateInput } from '../../src/core/gate.ts'

const required = (check: GateInput['check']): GateInput => ({ check, requirement: 'required' })
const advisory = (check: GateInput['check']): GateInput => ({ check, requirement: 'advisory' })

describe('a check', () => {
  it('that could not run fails where it is required and warns elsewhere', () => {
    expect(couldNotRun('tests_passed', 'required', 'no')).toMatchObject({
      status: 'failed',
      ran: false,
    })
    expect(couldNotRun('tests_passed', 'advisory', 'no')).toMatchObject({
      status: 'warning',
      ran: false,
    })
    expect(couldNotRun('tests_passed', 'off', 'no').status).toBe('warning')
  })

  it('that passed or failed ran, and one that was skipped did not', () => {
    expect(passed('a', 'ok', { n: 1 })).toEqual({
      check_name: 'a',
      status: 'passed',
      ran: true,
      message: 'ok',
      details: { n: 1 },
      duration_ms: 0,
    })
    expect(failed('a', 'bad').ran).toBe(true)
    expect(skipped('a', 'why')).toMatchObject({ status: 'skipped', ran: false })
  })
})

describe('the gate', () => {
  it('is open when every required check ran and passed', () => {
    expect(decide([required(passed('a', 'ok')), advisory(passed('b', 'ok'))])).toEqual({
      go: true,
      blockers: [],
      warnings: [],
    })
  })

  it('is open without any check, since nothing was demanded', () => {
    expect(decide([]).go).toBe(true)
  })

  it.each([
    ['failed', failed('a', 'why')],
    ['skipped', skipped('a', 'why')],
    ['could not run', couldNotRun('a', 'required', 'why')],
    ['warns', couldNotRun('a', 'advisory', 'why')],
    ['claims to have passed without running', { ...passed('a', 'why'), ran: false }],
  ])('is closed by a required check that %s', (_, check) => {
    const verdict = decide([required(passed('ok', '')), required(check)])
    expect(verdict).toEqual({ go: false, blockers: ['a: why'], warnings: [] })
  })

  it.each([
    ['failed', failed('a', 'why')],
    ['skipped', skipped('a', 'why')],
    ['could not run', couldNotRun('a', 'advisory', 'why')],
  ])('only warns of an advisory check that %s', (_, check) => {
    expect(decide([advisory(check)])).toEqual({ go: true, blockers: [], warnings: ['a: why'] })
  })

  it('says that a check is off, even one that passed', () => {
    const off = { check: passed('a', 'ok'), requirement: 'off' } as const
    expect(decide([off])).toEqual({
      go: true,
      blockers: [],
      warnings: ['a is off by configuration'],
    })
  })

  it('names every reason, in the order of the checks', () => {
    const verdict = decide([required(failed('a', '1')), required(failed('b', '2'))])
    expect(verdict.blockers).toEqual(['a: 1', 'b: 2'])
  })
})
