import { describe, expect, it } from 'vitest'
import { deploymentFrame } from '../../../src/cli/live/deployment-frame.ts'
import { overviewFrame } from '../../../src/cli/live/overview-frame.ts'
import { widthOf } from '../../../src/cli/width.ts'
import { canvas, deployment, overview } from './views.ts'

const sizes = [40, 80, 120].flatMap((columns) =>
  [5, 10, 40].map((rows) => [columns, rows] as const),
)
const hostile = '\u001b[2Jgone\u202e\r\nnext'

/** Below the window's size, so that nothing wraps and the top can be reached again. */
function expectFits(lines: string[], columns: number, rows: number): void {
  expect(lines.length).toBeLessThan(rows)
  for (const line of lines) expect(widthOf(line)).toBeLessThan(columns)
  expect(lines.join('\n')).not.toMatch(/[^\P{C}\n]/u)
}

describe('the picture of one deployment', () => {
  it('has the lane, the phase, the times, the steps, who watches and the log', () => {
    expect(deploymentFrame({ ...deployment, log: ['one', 'two'] }, canvas(80, 40))).toEqual([
      'promotion of v1.4.0 to production  dep_01m81r0gcaavwx8k0ktw9vcmmg',
      '  staging v1.4.0 ✓ ──▸ production v1.3.0 → v1.4.0 ●',
      '  running  1 min 05 s, usually 3 min 05 s  [████░░░░░░░░░░░░] 1/4',
      '  ✓ prepare   install',
      '  ▸ prepare   migrate',
      '  · activate  restart',
      '  · verify    smoke tests  the basic suite decides',
      '  watched by keeper pid 7, asked by agent:claude',
      '  | one',
      '  | two',
    ])
  })

  it.each(sizes)('fits into %i columns and %i rows', (columns, rows) => {
    expectFits(deploymentFrame(deployment, canvas(columns, rows)), columns, rows)
    const strange = { ...deployment, log: [hostile], initiatedBy: hostile, trouble: hostile }
    const safe = { ...strange, log: [] }
    expectFits(deploymentFrame(safe, canvas(columns, rows)), columns, rows)
  })

  it('never cuts the id: it has a line of its own where there is no room beside it', () => {
    expect(deploymentFrame(deployment, canvas(60, 40)).slice(0, 2)).toEqual([
      'promotion of v1.4.0 to production',
      '  dep_01m81r0gcaavwx8k0ktw9vcmmg',
    ])
  })

  it('gives up the log first, then steps far from the current one', () => {
    const low = deploymentFrame(deployment, canvas(80, 10)).join('\n')
    expect(low.match(/log line/g)).toHaveLength(1)
    expect(low).toContain('· verify')
    const steps = Array.from({ length: 30 }, (_, index) => ({
      label: 'prepare',
      name: `step-${index}`,
      state:
        index < 20 ? ('done' as const) : index === 20 ? ('now' as const) : ('to_come' as const),
      text: '',
    }))
    const many = deploymentFrame({ ...deployment, steps }, canvas(80, 10))
    expectFits(many, 80, 10)
    expect(many.join('\n')).toContain('▸ prepare  step-20')
    expect(many.join('\n')).toMatch(/… \d+ more steps/)
    expect(many.join('\n')).not.toContain('log line')
  })

  it('says nothing of a usual time without a history, nor of progress without steps', () => {
    const lines = deploymentFrame({ ...deployment, usualMs: null, steps: [] }, canvas(80, 40))
    expect(lines[2]).toBe('  running  1 min 05 s')
  })

  it('that failed says what failed, and who is in trouble says so', () => {
    const fault = { phase: 'running' as const, step: 'migrate', cause: 'exited with code 1' }
    const ended = { ...deployment, status: 'failure', phase: 'ended', fault }
    const lines = deploymentFrame(
      { ...ended, endedAt: deployment.startedAt + 9000 },
      canvas(80, 40),
    )
    expect(lines).toContain('  ✗ failure  9 s')
    expect(lines).toContain('  ✗ running, migrate: exited with code 1')
    expect(lines.join('\n')).not.toContain('watched by')
    const trouble = deploymentFrame({ ...deployment, trouble: 'no disk' }, canvas(80, 40))
    expect(trouble).toContain('  ! trouble: no disk')
  })
})

describe('the picture of everything', () => {
  it('has the environments, what is under way and what waits', () => {
    expect(overviewFrame(overview, canvas(80, 40))).toEqual([
      'clinic',
      '  staging v1.4.0 ✓ ──▸ production v1.3.0 → v1.4.0 ●',
      '',
      'under way',
      '  dep_01m81r0gcaavwx8k0ktw9vcmmg  promotion of v1.4.0 to production',
      '    running, migrate  1 min 05 s',
      '',
      'waits for approval',
      '  apr_01m81r0gcaavwx8k0ktw9vcmmg  promote v1.5.0 to production',
      '    asked by agent:claude, expires in 28 min',
    ])
  })

  it('has the environments below each other where they do not fit side by side', () => {
    const lines = overviewFrame(overview, canvas(40, 40))
    expect(lines.slice(1, 3)).toEqual(['  staging     v1.4.0 ✓', '  production  v1.3.0 → v1.4.0 ●'])
  })

  it.each(sizes)('fits into %i columns and %i rows', (columns, rows) => {
    const underWay = Array.from({ length: 12 }, () => overview.underWay[0]!)
    expectFits(overviewFrame(overview, canvas(columns, rows)), columns, rows)
    const many = overviewFrame({ ...overview, underWay }, canvas(columns, rows))
    expectFits(many, columns, rows)
    if (rows === 10) expect(many.at(-1)).toMatch(/… \d+ more lines/)
  })

  it('cannot be made to show another line by who asks', () => {
    const waiting = [{ ...overview.waiting[0]!, requester: hostile, what: hostile }]
    expectFits(overviewFrame({ ...overview, waiting }, canvas(120, 40)), 120, 40)
  })
})
