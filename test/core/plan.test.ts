import { describe, expect, it } from 'vitest'
import { planDifference, planText, type Plan } from '../../src/core/plan.ts'
import { plan } from './plans.ts'

/** Another value for every field: a field that is added has to be given one to compile. */
const changes: { [Key in keyof Plan]: Plan[Key][] } = {
  format: ['gonogo-plan-v3' as 'gonogo-plan-v2'],
  action: ['rollback'],
  project: ['shop'],
  environment: ['staging'],
  release: [
    { sha: 'd'.repeat(40), version: 'v1.1.0' },
    { sha: 'b'.repeat(40), version: 'v1.1.1' },
  ],
  from: [null, { sha: 'd'.repeat(40), version: 'v1.0.0' }],
  before: [
    null,
    { environment: 'staging', release: null },
    { environment: 'qa', release: { sha: 'b'.repeat(40), version: 'v1.1.0' } },
    { environment: 'staging', release: { sha: 'd'.repeat(40), version: 'v1.1.0' } },
  ],
  images: [
    [{ name: 'api', reference: 'registry.test/api:v1', digest: `sha256:${'e'.repeat(64)}` }],
  ],
  migrations: [
    { framework: 'alembic', revisions: ['a1'], verdict: 'safe', code_only_rollback: true },
    { framework: 'alembic', revisions: ['a1'], verdict: 'safe', code_only_rollback: null },
  ],
  pipeline: [
    { ...plan().pipeline, kind: 'github' },
    { ...plan().pipeline, target: '/srv/other' },
    { ...plan().pipeline, isolation: 'separate' },
    { ...plan().pipeline, steps: [] },
    {
      ...plan().pipeline,
      steps: [{ phase: 'prepare', name: 'install', run: ['npm', 'ci', '--ignore-scripts'] }],
    },
    // One argument with a space in it is another command than two arguments.
    {
      ...plan().pipeline,
      steps: [{ phase: 'prepare', name: 'install', run: ['npm ci'] }],
    },
    {
      ...plan().pipeline,
      steps: [{ phase: 'activate', name: 'install', run: ['npm', 'ci'] }],
    },
  ],
  checks: [
    [],
    [{ name: 'tests_passed', requirement: 'advisory', status: 'passed' }],
    [{ name: 'tests_passed', requirement: 'required', status: 'failed' }],
  ],
  skips: [['skip_smoke_tests']],
  verify: ['full', 'off'],
  warnings: [['isolation: none']],
  preempts: ['dep_1'],
  reason: ['errors'],
  policy_hash: ['e'.repeat(64)],
}

const everyChange = Object.entries(changes).flatMap(([field, values]) =>
  (values as unknown[]).map((value) => [field, value] as const),
)

describe('a plan', () => {
  it.each(everyChange)('is another one when %s becomes %j', (field, value) => {
    const before = plan()
    const after = plan({ [field]: value })
    expect(planText(after)).not.toBe(planText(before))
    expect(planDifference(before, after)).toEqual([field])
  })

  it('is the same one however it was put together', () => {
    const reversed = Object.fromEntries(Object.entries(plan()).toReversed()) as unknown as Plan
    expect(planText(reversed)).toBe(planText(plan()))
    expect(planDifference(plan(), reversed)).toEqual([])
  })

  it('survives storing and reading', () => {
    const read = JSON.parse(planText(plan())) as Plan
    expect(planText(read)).toBe(planText(plan()))
  })

  it('names every field that changed', () => {
    expect(planDifference(plan(), plan({ from: null, verify: 'off' }))).toEqual(['from', 'verify'])
  })
})
