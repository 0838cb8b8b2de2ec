import { describe, expect, it } from 'vitest'
import { deploymentStatuses, type Deployment } from '../../src/core/deployment.ts'
import { chooseRollback } from '../../src/core/rollback.ts'
import { deployment } from '../adapters/store/rows.ts'

/** A proven deployment of the release that consists of this digit. */
function proven(digit: string, changes: Partial<Deployment> = {}): Deployment {
  return deployment(`dep_${digit}`, {
    environment: 'production',
    status: 'success',
    phase: 'ended',
    verified: true,
    release: { sha: digit.repeat(40), version: `v${digit}` },
    ...changes,
  })
}

const sha = (digit: string) => digit.repeat(40)
const nothingHeld: ReadonlySet<string> = new Set()

describe('chooseRollback', () => {
  it('takes the last verified release that is not running', () => {
    const choice = chooseRollback([proven('3'), proven('2'), proven('1')], sha('3'), nothingHeld)
    expect(choice).toEqual({
      target: { sha: sha('2'), version: 'v2' },
      proven_by: 'dep_2',
      verified: true,
      bypass: false,
      explanation: 'v2 is the last release verified here (dep_2) that is not running now',
    })
  })

  it('skips further deployments of what runs now', () => {
    const history = [proven('3'), proven('3', { id: 'dep_again' }), proven('1')]
    expect(chooseRollback(history, sha('3'), nothingHeld).target?.version).toBe('v1')
  })

  it('takes the last verified one when it is unknown what runs', () => {
    expect(chooseRollback([proven('3'), proven('2')], null, nothingHeld).target?.version).toBe('v3')
  })

  it.each(deploymentStatuses.filter((status) => status !== 'success'))(
    'never takes one whose deployment is %s',
    (status) => {
      const history = [proven('3'), proven('2', { status }), proven('1')]
      expect(chooseRollback(history, sha('3'), nothingHeld).target?.version).toBe('v1')
      expect(chooseRollback(history, sha('3'), nothingHeld, sha('2')).target).toBeNull()
    },
  )

  it.each<[string, Partial<Deployment>]>([
    ['nobody verified', { verified: false }],
    ['was adopted on somebody’s word', { kind: 'adoption', verified: false }],
  ])('never takes one that %s', (_, changes) => {
    const history = [proven('3'), proven('2', changes), proven('1')]
    expect(chooseRollback(history, sha('3'), nothingHeld).target?.version).toBe('v1')
    expect(chooseRollback(history, sha('3'), nothingHeld, sha('2')).target).toBeNull()
  })

  it.each(['adoption', 'rollback'] as const)('takes one that a verified %s proved', (kind) => {
    const history = [proven('3'), proven('2', { kind })]
    expect(chooseRollback(history, sha('3'), nothingHeld).target?.version).toBe('v2')
  })

  it('never takes one that is held', () => {
    const history = [proven('3'), proven('2'), proven('1')]
    const held = new Set([sha('2')])
    expect(chooseRollback(history, sha('3'), held).target?.version).toBe('v1')
    expect(chooseRollback(history, sha('3'), held, sha('2'))).toEqual({
      target: null,
      explanation: 'v2 is held after an earlier rollback',
    })
  })

  it('takes the one that was asked for, however old', () => {
    const history = [proven('3'), proven('2'), proven('1')]
    expect(chooseRollback(history, sha('3'), nothingHeld, sha('1'))).toEqual({
      target: { sha: sha('1'), version: 'v1' },
      proven_by: 'dep_1',
      verified: true,
      bypass: false,
      explanation: 'v1 was asked for and verified here by dep_1',
    })
  })

  it('counts what others deployed with success, and says that nobody verified it', () => {
    const observed = proven('2', { kind: 'observed', verified: false })
    const choice = chooseRollback([proven('3'), observed, proven('1')], sha('3'), nothingHeld)
    expect(choice).toMatchObject({
      target: { version: 'v2' },
      verified: false,
      explanation: 'v2 is the last release seen to succeed here (dep_2) that is not running now',
    })
  })

  it('never goes back to something whose commit nobody knows', () => {
    const unknown = { kind: 'observed', verified: false, release: { sha: '', version: 'unknown' } }
    const history = [proven('3'), proven('2', unknown as Partial<Deployment>), proven('1')]
    expect(chooseRollback(history, sha('3'), nothingHeld).target?.version).toBe('v1')
  })

  it.each<[string, Deployment[], string | undefined, string]>([
    ['no history', [], undefined, 'no deployment to this environment was ever verified'],
    [
      'only what runs',
      [proven('3')],
      undefined,
      'the only verified release is the one that runs now',
    ],
    [
      'everything else held',
      [proven('3'), proven('9')],
      undefined,
      'every other verified release is held after an earlier rollback',
    ],
    ['a wish for what runs', [proven('3')], sha('3'), '333333333333 is what runs here now'],
    [
      'a wish for what was never here',
      [proven('3')],
      sha('7'),
      '777777777777 was never verified in this environment',
    ],
  ])('explains why not: %s', (_, history, wanted, explanation) => {
    const choice = chooseRollback(history, sha('3'), new Set([sha('9')]), wanted)
    expect(choice).toEqual({ target: null, explanation })
  })
})
