import { describe, expect, it } from 'vitest'
import { parseDuration, showDuration, showElapsed } from '../../src/cli/duration.ts'
import { renderAnswer } from '../../src/cli/render/answer.ts'
import type { Page } from '../../src/cli/render/page.ts'
import type { Palette } from '../../src/cli/style.ts'
import { finding } from '../support/findings.ts'
import { plan } from '../core/plans.ts'

const mark = (name: string) => (text: string) => `<${name}>${text}</${name}>`
const marks: Palette = {
  good: mark('good'),
  bad: mark('bad'),
  caution: mark('caution'),
  strong: mark('strong'),
  faint: mark('faint'),
}
const marked = (width?: number) => pageOf(marks, width)
const same = (text: string) => text
const unpainted: Palette = { good: same, bad: same, caution: same, strong: same, faint: same }
const pageOf = (palette: Palette, width = Infinity): Page => ({
  palette,
  width,
  when: (moment) => `at ${moment}`,
})
const plain = pageOf(unpainted)

const hostile = '\u001b[2Jgone\u202e\r\nnext'
const unsafe = /[\p{Cc}\p{Cf}]/u

const check = (check_name: string, status: string, message: string) => ({
  check_name,
  status,
  ran: true,
  message,
  details: {},
  duration_ms: 1200,
})

const deployment = {
  deployment_id: 'dep_1',
  environment: 'staging',
  kind: 'deploy',
  status: 'success',
  phase: 'ended',
  version: 'v1',
  from_version: null,
  git_ref: 'v1',
  initiated_by: 'agent:claude',
  initiated_at: '2030-01-01T10:00:00.000Z',
  completed_at: null,
  duration_ms: 65_000,
  health_status: 'healthy',
  logs_url: null,
}

const listed = (deployments: unknown[]) =>
  renderAnswer('list_deployments', { output: { deployments }, summary: 'list' }, plain)

describe('an answer', () => {
  it('shows each check with a mark and a word, so that colour is never the only sign', () => {
    const checks = [
      check('tests_passed', 'failed', 'unit exited with 1'),
      check('security_scan', 'passed', 'clean'),
      check('migrations_safe', 'skipped', 'not checked'),
      check('environment_config', 'warning', 'hm'),
    ]
    const output = { checks, warnings: ['migrations_safe: not checked'], blockers: [] }
    const lines = renderAnswer('validate_deployment', { output, summary: 'NO-GO: v1' }, marked())
    expect(lines).toEqual([
      '<bad>NO-GO: v1</bad>',
      '  <bad>✗ failed  </bad> tests_passed         unit exited with 1<faint>  1.2 s</faint>',
      '  <good>✓ passed  </good> security_scan        clean<faint>  1.2 s</faint>',
      '  <faint>- skipped </faint> migrations_safe      not checked<faint>  1.2 s</faint>',
      '  <caution>! warning </caution> environment_config   hm<faint>  1.2 s</faint>',
    ])
  })

  it('that is blocked has a line for each reason, in the words of the command line', () => {
    const blockers = ['runs_on_staging: it does not', 'staging_smoke_tests: run run_smoke_tests']
    const output = { status: 'blocked', blockers, warnings: ['isolation: none'] }
    const summary = `NO-GO: promotion of v1 is blocked: ${blockers.join('; ')}`
    expect(renderAnswer('promote_to_production', { output, summary }, plain)).toEqual([
      'NO-GO: promotion of v1 is blocked',
      '  ✗ runs_on_staging: it does not',
      '  ✗ staging_smoke_tests: run gonogo smoke',
      '  ! isolation: none',
    ])
  })

  it('of a dry run shows the plan, and its warnings once', () => {
    const warnings = ['isolation: none']
    const output = { status: 'dry_run', blockers: [], warnings, plan: plan({ warnings }) }
    const lines = renderAnswer('promote_to_production', { output, summary: 'Dry run' }, plain)
    expect(lines.slice(0, 3)).toEqual([
      'Dry run',
      'Promote clinic in production',
      '  ! isolation: none',
    ])
    expect(lines.filter((line) => line.includes('isolation: none'))).toHaveLength(2)
    expect(lines.join('\n')).not.toMatch(/asked by|valid to/)
  })

  it('of a scan shows engines and findings, with the fix', () => {
    const found = { ...finding('critical', 'prototype pollution'), package: 'lodash' }
    const output = {
      engines: [{ engine: 'npm-audit', status: 'ran', message: '1 package' }],
      vulnerabilities: [{ ...found, fixed_version: '4.17.21' }, finding('low', 'a token')],
    }
    const lines = renderAnswer('run_security_scan', { output, summary: 'NO-GO: v1' }, plain)
    expect(lines.slice(1)).toEqual([
      '  ran              npm-audit      1 package',
      '  critical lodash: prototype pollution (fixed in 4.17.21)',
      '  low      src/a.js:3: a token',
    ])
  })

  it('of smoke tests tells what was not run from what failed', () => {
    const results = [
      { name: 'home', passed: true, ran: true, message: 'answered 200' },
      { name: 'log in', passed: false, ran: true, message: 'answered 500' },
      { name: 'report', passed: false, ran: false, message: 'not run' },
    ]
    const lines = renderAnswer('run_smoke_tests', { output: { results }, summary: 'NO-GO' }, plain)
    expect(lines.slice(1).map((line) => line.trim().split(/ +/)[1])).toEqual([
      'passed',
      'failed',
      'skipped',
    ])
  })

  it('of smoke tests marks flaky ones, and quotes each line of what others said', () => {
    const evil = 'HTTP/1.1 500\n\n  \u001b[32m✓ passed   forged\u202e\r\nmore'
    const row = { ran: true, phase: 'test', attempts: 1, message: 'status 200' }
    const latency = { requests: 20, p50_ms: 1, p95_ms: 2.5, p99_ms: 3, max_ms: 4 }
    const results = [
      { ...row, name: 'warm', passed: true, flaky: true, attempts: 3, latency },
      { ...row, name: 'broken', passed: false, exchange: { request: 'GET /', answer: evil } },
      { ...row, name: 'unknown', passed: false, ran: false, message: 'not run: nobody answers' },
      { ...row, name: 'clear', phase: 'teardown', passed: false },
    ]
    const lines = renderAnswer('run_smoke_tests', { output: { results }, summary: 'NO-GO' }, plain)
    expect(lines.slice(1).map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
      '  ! warning  warm  status 200',
      '  20 requests: p50 1 ms, p95 2.5 ms, p99 3 ms, max 4 ms',
      '  ✗ failed  broken  status 200',
      '  > GET /',
      '  < HTTP/1.1 500',
      '  <',
      '  <  ✓ passed  forged',
      '  < more',
      '  ✗ failed  unknown  not run: nobody answers',
      '  ! warning  teardown: clear  status 200',
    ])
  })

  it('of the list is a table, or says that there is nothing', () => {
    const [, head, row] = listed([deployment])
    expect(head).toMatch(/deployment +environment +kind +status +version +by +started +took/)
    expect(row).toMatch(/dep_1 .*at 2030-01-01T10:00:00.000Z +1 min 05 s/)
    expect(listed([])[1]).toContain('nothing was deployed yet')
  })

  it('of the status shows health of now, the log and who watches', () => {
    const output = {
      deployment: { ...deployment, logs_url: 'file:///log' },
      checks: [check('health', 'passed', 'fine')],
      logs: ['step one'],
      health_checks: { api: { status: 'unhealthy', message: 'answered 503' } },
      watched_by: 'keeper pid 7',
    }
    const lines = renderAnswer('get_deployment_status', { output, summary: 'running' }, plain)
    const text = lines.join('\n')
    expect(text).toContain('watched by keeper pid 7')
    expect(text).toMatch(/✗ failed +api +now unhealthy \(answered 503\)/)
    expect(text).toContain('| step one')
    expect(text).toContain('log: file:///log')
  })

  it('of the status shows what each check saw where that was asked for', () => {
    const seen = { sha: 'a1', found: ['b2', hostile] }
    const checks = [{ ...check('git_ref_valid', 'passed', 'fine'), details: seen }]
    const output = { deployment, checks, logs: [], health_checks: {} }
    const told = (whole: boolean) =>
      renderAnswer('get_deployment_status', { output: { ...output, whole }, summary: 'x' }, plain)
    expect(told(false).join('\n')).not.toContain('b2')
    const lines = told(true)
    expect(lines).toContain('      sha: a1')
    expect(lines.find((line) => line.includes('found'))).toMatch(/^ {6}found: \["b2",".*next"\]$/)
    for (const line of lines) expect(line).not.toMatch(unsafe)
  })

  it('carries no control characters, whoever chose its texts', () => {
    const answers = [
      renderAnswer(
        'validate_deployment',
        {
          output: { checks: [check('a', 'passed', hostile)], warnings: [hostile] },
          summary: hostile,
        },
        plain,
      ),
      renderAnswer(
        'promote_to_production',
        { output: { status: 'blocked', blockers: [hostile], warnings: [hostile] }, summary: 'x' },
        plain,
      ),
      renderAnswer(
        'run_security_scan',
        { output: { vulnerabilities: [finding('high', hostile)] }, summary: 'x' },
        plain,
      ),
      renderAnswer(
        'list_deployments',
        { output: { deployments: [{ ...deployment, initiated_by: hostile }] }, summary: 'x' },
        plain,
      ),
      renderAnswer(
        'get_deployment_status',
        {
          output: {
            deployment: { ...deployment, initiated_by: hostile },
            checks: [],
            logs: [hostile],
            health_checks: { [hostile]: { status: 'healthy', message: hostile } },
          },
          summary: 'x',
        },
        plain,
      ),
    ]
    for (const line of answers.flat()) expect(line).not.toMatch(unsafe)
  })
})

describe('durations', () => {
  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['0s', 0],
    ['5', null],
    ['1d', null],
    ['-1s', null],
    ['1.5m', null],
    ['', null],
  ])('reads %j as %j', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([
    [0, '0.0 s'],
    [4230, '4.2 s'],
    [59_940, '59.9 s'],
    [59_999, '1 min 00 s'],
    [65_000, '1 min 05 s'],
    [3_600_000, '60 min 00 s'],
  ])('shows %i as %j', (ms, text) => {
    expect(showDuration(ms)).toBe(text)
  })

  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [185_000, '3 min 05 s'],
    [7_620_000, '2 h 07 min'],
  ])('on a clock, %i is %j', (ms, text) => {
    expect(showElapsed(ms)).toBe(text)
  })
})

describe('in a terminal that is', () => {
  const row = { ...deployment, deployment_id: 'dep_01m81r0gcaavwx8k0ktw9vcmmg' }
  const table = (width: number) =>
    renderAnswer(
      'list_deployments',
      { output: { deployments: [row] }, summary: 'list' },
      { ...pageOf(unpainted, width), when: () => '3 min ago' },
    ).slice(1)

  it('wide, a table has all its columns', () => {
    expect(table(140)[0]!.split(/ +/).filter(Boolean)).toEqual([
      'deployment',
      'environment',
      'kind',
      'status',
      'version',
      'by',
      'started',
      'took',
    ])
  })

  it('narrower, the columns that say least are left out and nothing is cut', () => {
    expect(table(90).join('\n')).not.toContain('agent:claude')
    for (const width of [100, 90, 80]) {
      const text = table(width).join('\n')
      expect(text).toMatch(/dep_01m81r0gcaavwx8k0ktw9vcmmg +staging .*success .*3 min ago/)
      expect(text).not.toContain('…')
    }
  })

  it('narrow, each row takes several lines', () => {
    expect(table(40)).toEqual([
      '  dep_01m81r0gcaavwx8k0ktw9vcmmg',
      '    staging, deploy, success, v1',
      '    agent:claude, 3 min ago, 1 min 05 s',
    ])
  })

  it('tells the end of a long message, which says what to do, unless it passed', () => {
    const long = `${'the disk is full; '.repeat(30)}run gonogo validate`
    const checks = [check('tests_passed', 'passed', long), check('security_scan', 'failed', long)]
    const output = { checks, warnings: [], blockers: [] }
    const [, passed, failed] = renderAnswer('validate_deployment', { output, summary: 'x' }, plain)
    expect(passed).not.toContain('run gonogo validate')
    expect(failed).toContain('run gonogo validate')
  })

  it('tells what keeps it back and is no check, and a warning that only begins like one', () => {
    const output = {
      checks: [check('freeze', 'passed', 'fine'), check('security_scan', 'failed', 'open')],
      warnings: ['freeze winter is only on main: it counts'],
      blockers: ['security_scan: open', 'plan: the workflow is not there'],
    }
    const summary = 'NO-GO: v1 for staging: security_scan: open; plan: the workflow is not there'
    const lines = renderAnswer('validate_deployment', { output, summary }, plain)
    expect(lines.slice(3)).toEqual([
      '  ✗ plan: the workflow is not there',
      '  ! freeze winter is only on main: it counts',
    ])
  })

  it('narrow, what passed is cut and what did not is told in full', () => {
    const long = 'a message of many words that does not fit into a narrow line'
    const checks = [check('tests_passed', 'passed', long), check('security_scan', 'failed', long)]
    const output = { checks, warnings: [], blockers: [] }
    const lines = renderAnswer(
      'validate_deployment',
      { output, summary: 'x' },
      pageOf(unpainted, 50),
    )
    expect(lines[1]).toMatch(/…$/)
    expect(lines.slice(2).join(' ').replace(/ +/g, ' ')).toContain(long)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(50)
  })

  it('narrow, a plan loses nothing', () => {
    const output = { status: 'dry_run', blockers: [], warnings: [], plan: plan({}) }
    const answer = { output, summary: 'Dry run' }
    const words = (width: number) =>
      renderAnswer('promote_to_production', answer, pageOf(unpainted, width)).join(' ').split(/ +/)
    expect(words(40)).toEqual(words(Infinity))
  })
})
