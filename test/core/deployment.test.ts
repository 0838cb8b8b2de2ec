import { describe, expect, it } from 'vitest'
import {
  advance,
  deploymentStatuses,
  estimateMinutes,
  isUnderWay,
  type DeploymentEvent,
  type DeploymentKind,
  type DeploymentPhase,
} from '../../src/core/deployment.ts'
import { deployment } from '../adapters/store/rows.ts'

const phases: DeploymentPhase[] = [
  'preempting',
  'starting',
  'running',
  'verifying',
  'closing',
  'ended',
]

/** Every event, and the phases that may have it. */
const table: { event: DeploymentEvent; phases: DeploymentPhase[] }[] = [
  { event: { type: 'preempted' }, phases: ['preempting'] },
  { event: { type: 'run_started', run_id: 'run_1' }, phases: ['starting'] },
  { event: { type: 'not_started', cause: 'no' }, phases: ['starting'] },
  { event: { type: 'run_succeeded' }, phases: ['running'] },
  { event: { type: 'run_failed', step: 's', cause: 'no' }, phases: ['starting', 'running'] },
  { event: { type: 'run_cancelled', cause: 'no' }, phases: ['starting', 'running', 'verifying'] },
  { event: { type: 'run_lost', cause: 'no' }, phases: ['preempting', 'starting', 'running'] },
  { event: { type: 'verified', health: 'healthy', live: true }, phases: ['verifying'] },
  {
    event: { type: 'verification_failed', step: 's', cause: 'no', health: 'unhealthy' },
    phases: ['verifying'],
  },
  { event: { type: 'closed' }, phases: ['closing'] },
]

const cases = table.flatMap((row) =>
  phases.map((phase) => ({ ...row, phase, type: row.event.type, may: row.phases.includes(phase) })),
)

function after(event: DeploymentEvent, phase: DeploymentPhase, kind: DeploymentKind = 'deploy') {
  return advance(deployment('dep_1', { phase, kind }), event, 5)
}

describe('advance', () => {
  it.each(cases)('$type in $phase is allowed: $may', ({ event, phase, may }) => {
    const act = () => advance(deployment('dep_1', { phase }), event, 5)
    if (may) expect(act()).toHaveProperty('phase')
    else expect(act).toThrow(`deployment dep_1 in phase ${phase} cannot take ${event.type}`)
  })

  it('shows a rollback as one while it is under way', () => {
    const started: DeploymentEvent = { type: 'run_started', run_id: 'run_1' }
    expect(after(started, 'starting')).toEqual({
      phase: 'running',
      status: 'in_progress',
      run_id: 'run_1',
      due_at: 5,
    })
    expect(after(started, 'starting', 'rollback').status).toBe('rolling_back')
    expect(after({ type: 'run_succeeded' }, 'running', 'rollback').status).toBe('rolling_back')
  })

  it('does not take a green run for success', () => {
    expect(after({ type: 'run_succeeded' }, 'running')).toMatchObject({
      phase: 'verifying',
      status: 'in_progress',
    })
  })

  it('succeeds once verified, and counts as proven only if the live system was asked', () => {
    const live = after({ type: 'verified', health: 'healthy', live: true }, 'verifying')
    expect(live).toEqual({
      phase: 'closing',
      status: 'success',
      completed_at: 5,
      due_at: 5,
      health_status: 'healthy',
      verified: true,
    })
    expect(after({ type: 'verified', health: 'unknown', live: false }, 'verifying')).toMatchObject({
      status: 'success',
      verified: false,
    })
  })

  it.each<[DeploymentEvent, DeploymentPhase, string, string | null]>([
    [{ type: 'run_failed', step: 'migrate', cause: 'no' }, 'running', 'failure', 'migrate'],
    [{ type: 'not_started', cause: 'no' }, 'starting', 'failure', null],
    [{ type: 'run_cancelled', cause: 'no' }, 'running', 'cancelled', null],
    [{ type: 'run_lost', cause: 'no' }, 'running', 'outcome_unknown', null],
    [
      { type: 'verification_failed', step: 'health', cause: 'no', health: 'unhealthy' },
      'verifying',
      'failure',
      'health',
    ],
  ])('says what went wrong where: %j', (event, phase, status, step) => {
    expect(after(event, phase)).toMatchObject({
      status,
      phase: 'closing',
      completed_at: 5,
      fault: { phase, step, cause: 'no' },
    })
  })

  it('lets go of the lease when it ends, and keeps the outcome', () => {
    expect(after({ type: 'closed' }, 'closing')).toEqual({
      phase: 'ended',
      lease_owner: null,
      lease_until: 0,
    })
  })
})

it('knows which statuses are under way', () => {
  const underWay = deploymentStatuses.filter((status) => isUnderWay({ status }))
  expect(underWay).toEqual(['queued', 'in_progress', 'rolling_back', 'waiting_approval'])
})

describe('estimateMinutes', () => {
  it.each<[number[], number | null]>([
    [[], null],
    [[60_000], 1],
    [[1], 0.1],
    [[60_000, 600_000, 120_000], 2],
    [[60_000, 120_000], 1.5],
    [[63_000], 1.1],
  ])('of %j is %j', (durations, minutes) => {
    expect(estimateMinutes(durations)).toBe(minutes)
  })

  it('leaves the list as it was', () => {
    const durations = [3, 1, 2]
    estimateMinutes(durations)
    expect(durations).toEqual([3, 1, 2])
  })
})
