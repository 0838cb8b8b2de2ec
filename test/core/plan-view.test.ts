import { describe, expect, it } from 'vitest'
import { planView, type PlanLine } from '../../src/core/plan-view.ts'
import type { Plan } from '../../src/core/plan.ts'
import { plan } from './plans.ts'

const request = { requester: 'agent:claude', expires_at: '2030-01-01T00:00:00.000Z' }

function view(changes: Partial<Plan> = {}): PlanLine[] {
  return planView(plan(changes), request)
}

const textsOf = (lines: readonly PlanLine[], kind: PlanLine['kind']) =>
  lines
    .filter((line) => line.kind === kind)
    .map(({ label, text }) => (label === null ? text : `${label}: ${text}`))

describe('planView', () => {
  it('shows what speaks against it before anything reassuring', () => {
    const lines = view({
      skips: ['skip_smoke_tests'],
      warnings: ['security_scan is off by configuration', 'isolation: none'],
    })
    const kinds = lines.map(({ kind }) => kind)
    expect(kinds.slice(0, 4)).toEqual(['title', 'warning', 'warning', 'warning'])
    expect(textsOf(lines, 'warning')).toEqual([
      'waived: skip_smoke_tests',
      'security_scan is off by configuration',
      'isolation: none',
    ])
    expect(kinds.indexOf('change')).toBeGreaterThan(kinds.lastIndexOf('warning'))
    expect(kinds.indexOf('check')).toBeGreaterThan(kinds.lastIndexOf('change'))
  })

  it('names no check among the passed ones that did not pass', () => {
    const lines = view({
      checks: [
        { name: 'tests_passed', requirement: 'required', status: 'passed' },
        { name: 'security_scan', requirement: 'off', status: 'skipped' },
        { name: 'migrations_safe', requirement: 'advisory', status: 'warning' },
      ],
    })
    expect(textsOf(lines, 'check')).toEqual(['passed: tests_passed'])
    expect(textsOf(view({ checks: [] }), 'check')).toEqual([])
  })

  it('shows the difference to what runs, with the commits', () => {
    expect(textsOf(view(), 'change')).toEqual([
      'runs now: v1.0.0 (aaaaaaaaaaaa)',
      'will run: v1.1.0 (bbbbbbbbbbbb)',
    ])
    expect(textsOf(view({ from: null }), 'change')[0]).toBe('runs now: nothing known')
  })

  it('shows every command, who asks, and until when', () => {
    const lines = view()
    expect(textsOf(lines, 'step')).toEqual(['prepare: install: npm ci'])
    expect(textsOf(lines, 'fact')).toEqual([
      'before: staging runs v1.1.0 (bbbbbbbbbbbb)',
      'where: /srv/clinic (local, isolation: none)',
      'then: basic smoke tests decide',
      'asked by: agent:claude',
      'valid to: 2030-01-01T00:00:00.000Z',
    ])
  })

  it('shows each image by content, and the digest whole', () => {
    const digest = `sha256:${'e'.repeat(64)}`
    const reference = 'registry.test/acme/clinic/api:v1.1.0'
    expect(textsOf(view({ images: [{ name: 'api', reference, digest }] }), 'fact')).toContain(
      `image: api: ${reference} as ${digest}`,
    )
  })

  it.each<[NonNullable<Plan['migrations']>, PlanLine['kind'], string]>([
    [
      { framework: 'sql', revisions: ['1', '2'], verdict: 'safe', code_only_rollback: true },
      'fact',
      'migrations: 2 to apply, safe; the release that runs now still works afterwards',
    ],
    [
      { framework: 'sql', revisions: ['1'], verdict: 'destructive', code_only_rollback: false },
      'warning',
      'migrations: 1 to apply, destructive; the release that runs now no longer works afterwards: no way back by code alone',
    ],
    [
      { framework: 'sql', revisions: ['1'], verdict: 'unknown', code_only_rollback: null },
      'warning',
      'migrations: 1 to apply, unknown; whether the release that runs now still works afterwards is unknown',
    ],
  ])('says what becomes of the database: $verdict', (migrations, kind, text) => {
    expect(textsOf(view({ migrations }), kind)).toContain(text)
  })

  it('says nothing of a database that stays as it is', () => {
    const migrations = {
      framework: 'sql',
      revisions: [],
      verdict: 'safe',
      code_only_rollback: true,
    }
    expect(JSON.stringify(view({ migrations: migrations as Plan['migrations'] }))).not.toMatch(
      /migr/,
    )
  })

  it('warns of an interrupted deployment and of an outcome nobody tests', () => {
    const lines = view({ preempts: 'dep_7', verify: 'off', reason: 'errors' })
    expect(textsOf(lines, 'warning')).toEqual(['interrupts dep_7, which is under way'])
    expect(textsOf(lines, 'fact')).toContain('reason: errors')
    expect(textsOf(lines, 'fact')).toContain('then: no smoke tests')
  })

  it.each([
    ['deploy', 'Deploy clinic in production'],
    ['promote', 'Promote clinic in production'],
    ['rollback', 'Roll back clinic in production'],
  ] as const)('names the act %s', (action, title) => {
    expect(view({ action })[0]).toMatchObject({ kind: 'title', text: title })
  })

  it('shows no text that could redraw the screen or hide in it', () => {
    const hostile = 'ok\u001b[2J\u001b[Hpassed: everything\n  ✓ all\r\u202egnirts'
    const lines = planView(
      plan({
        reason: hostile,
        release: { sha: 'b'.repeat(40), version: hostile },
        warnings: [hostile],
        skips: [hostile],
        pipeline: {
          ...plan().pipeline,
          target: hostile,
          steps: [{ phase: 'prepare', name: hostile, run: [hostile] }],
        },
      }),
      { ...request, requester: hostile },
    )
    for (const { text } of lines) expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  })

  it('shows the last word of a long command: it is approved, too', () => {
    const run = ['POST', ...Array.from({ length: 99 }, (_, at) => `input${at}=value`), 'last=word']
    const steps = [{ phase: 'dispatch' as const, name: 'start cd.yml', run }]
    const [line] = textsOf(view({ pipeline: { ...plan().pipeline, steps } }), 'step')
    expect(line).toBe(`dispatch: start cd.yml: ${run.join(' ')}`)
  })

  it('shows the end of a long warning: it says what to do', () => {
    const warning = `migrations_safe: ${'a table is locked, '.repeat(40)}gonogo migrations shows all`
    expect(textsOf(view({ warnings: [warning] }), 'warning')).toEqual([warning])
  })

  it('cuts what is endless', () => {
    const line = view({ reason: 'x'.repeat(5000) }).find(({ label }) => label === 'reason')
    expect(line?.text).toHaveLength(300)
    expect(line?.text).toMatch(/…$/)
  })
})
