import { describe, expect, it } from 'vitest'
import { changesSinceValidation, planChanges } from '../../src/core/plan-difference.ts'
import type { Plan } from '../../src/core/plan.ts'
import { plan } from './plans.ts'

const api = (digit: string) => ({
  name: 'api',
  reference: 'registry.test/clinic/api:v1.1.0',
  digest: `sha256:${digit.repeat(64)}`,
})
const other = { sha: 'd'.repeat(40), version: 'v2' }
const applying = (...revisions: string[]): Plan['migrations'] => ({
  framework: 'alembic',
  revisions,
  verdict: 'needs_review',
  code_only_rollback: true,
})

describe('what changed between two plans', () => {
  it.each<[string, Partial<Plan>, Partial<Plan>, string]>([
    [
      'what staging runs',
      {},
      { before: { environment: 'staging', release: other } },
      'staging runs v2 (dddddddddddd) now, and ran v1.1.0 (bbbbbbbbbbbb)',
    ],
    [
      'what production runs',
      {},
      { from: null },
      'production runs nothing known now, and ran v1.0.0 (aaaaaaaaaaaa)',
    ],
    [
      'an image',
      { images: [api('1')] },
      { images: [api('2')] },
      `image api: registry.test/clinic/api:v1.1.0 is sha256:${'2'.repeat(64)} now, and was sha256:${'1'.repeat(64)}`,
    ],
    ['an image that is gone', { images: [api('1')] }, {}, 'image api is no longer planned'],
    [
      'the migrations',
      { migrations: applying('a1') },
      { migrations: applying('a1', 'b2') },
      'the migrations to apply are a1, b2 (needs review) now, and were a1 (needs review)',
    ],
    [
      'what the pipeline does',
      {},
      {
        pipeline: {
          ...plan().pipeline,
          steps: [{ phase: 'activate', name: 'restart all', run: ['restart'] }],
        },
      },
      'what /srv/clinic would do changed: activate restart all',
    ],
    [
      'the configuration',
      {},
      { policy_hash: 'e'.repeat(64) },
      'the configuration changed (policy_hash)',
    ],
  ])('is told in words: %s', (_, before, now, told) => {
    expect(planChanges(plan(before), plan(now))).toEqual([told])
    expect(changesSinceValidation(plan(before), plan(now))).toEqual([told])
  })

  it('is told by the name of the field where that says it, and no matter of a validation', () => {
    const now = plan({ skips: ['skip_smoke_tests'], warnings: ['careful'], verify: 'off' })
    expect(planChanges(plan(), now)).toEqual(['skips', 'verify', 'new warning: careful'])
    expect(changesSinceValidation(plan(), now)).toEqual([])
  })

  it('tells which check says something else, and what is not warned of any more', () => {
    const passed = { name: 'tests_passed', requirement: 'required', status: 'passed' } as const
    const before = plan({ checks: [passed], warnings: ['careful', 'slow'] })
    const now = plan({
      checks: [
        { ...passed, status: 'failed' },
        { ...passed, name: 'licences' },
      ],
      warnings: ['slow'],
    })
    expect(planChanges(before, now)).toEqual([
      'check tests_passed is required failed now, and was required passed',
      'check licences is required passed now, and was not there',
      'no longer warned: careful',
    ])
  })

  it('is nothing for plans that are the same', () => {
    expect(planChanges(plan(), plan())).toEqual([])
  })

  it('leaves out how to get there once it runs there', () => {
    const there = plan({ from: plan().release, migrations: applying() })
    expect(changesSinceValidation(plan({ migrations: applying('a1') }), there)).toEqual([])
  })
})
