import { describe, expect, it } from 'vitest'
import type { AuditLine } from '../../../src/core/audit.ts'
import { missingDeployments } from '../../../src/core/report/record.ts'
import { createLogReader } from '../../../src/core/report/log.ts'

let seq = 0

function line(changes: Partial<AuditLine>): AuditLine {
  seq += 1
  return {
    seq,
    prev: '0'.repeat(64),
    timestamp: '2030-01-01T00:00:00.000Z',
    operation: 'promote',
    user: 'agent:claude',
    environment: 'production',
    success: null,
    phase: 'intent',
    details: {},
    request_id: `req_${seq}`,
    correlation_id: 'dep_1',
    dry_run: false,
    approval: null,
    ...changes,
  }
}

const window = { from: '2030-01-01T00:00:00.000Z', to: '2030-01-02T00:00:00.000Z' }

function read(lines: readonly AuditLine[], wanted: readonly string[] = []) {
  const reader = createLogReader({ ...window, wanted: new Set(wanted) })
  for (const one of lines) reader.push(one)
  return reader.facts()
}

function missing(...lines: AuditLine[]): string[] {
  return missingDeployments([...read(lines).deployments.values()]).map(({ text }) => text)
}

describe('a deployment of the log that the store does not have', () => {
  it('is missing when its intent stands alone', () => {
    expect(missing(line({}))).toEqual([
      'the log tells of this promote, and the store does not have it',
    ])
  })

  it('is missing when it has a result', () => {
    expect(missing(line({}), line({ phase: 'result', success: true }))).toHaveLength(1)
  })

  it('never was one when the call was refused at the last moment', () => {
    const refused = line({
      request_id: 'req_x',
      operation: 'promote_to_production',
      phase: 'result',
      success: false,
      correlation_id: null,
      details: { error: 'environment_busy' },
    })
    expect(missing(line({ request_id: 'req_x' }), refused)).toEqual([])
    expect(missing(line({ request_id: 'req_y' }), refused)).toHaveLength(1)
  })

  it('never was one when it could not be recorded', () => {
    const adopted = { operation: 'adopt', phase: 'result', success: false } as const
    expect(missing(line({ operation: 'adopt' }), line(adopted))).toEqual([])
  })

  it('is none when somebody only asked about it, or tried', () => {
    expect(missing(line({ operation: 'get_deployment_status', phase: 'result' }))).toEqual([])
    expect(missing(line({ dry_run: true }))).toEqual([])
  })
})

it('keeps what belongs to a wanted deployment whenever it was written, and nothing else of that time', () => {
  const before = { timestamp: '2029-12-31T23:59:59.999Z' }
  const after = { timestamp: window.to, phase: 'result', success: true } as const
  const lines = [
    line({ ...before, correlation_id: 'dep_old' }),
    line(before),
    line(after),
    line({ ...after, operation: 'trust', correlation_id: null }),
  ]
  const facts = read(lines, ['dep_1'])
  expect([...facts.deployments.keys()]).toEqual(['dep_1'])
  expect(facts.deployments.get('dep_1')?.result).not.toBeNull()
  expect(facts.notable).toEqual([])
})

it.each([
  { details: null },
  { details: [] },
  { correlation_id: 7 },
  { operation: {} },
  { timestamp: 0 },
  { approval: 'L2' },
])('takes nothing from a line of another shape: %j', (changes) => {
  const facts = read([line(changes as unknown as Partial<AuditLine>)], ['dep_1'])
  expect(facts.deployments.size).toBe(0)
})

it('holds a bounded part of a log of any length', () => {
  const many = Array.from({ length: 3000 }, () =>
    line({ operation: 'hold_lift', phase: 'result', success: true, correlation_id: null }),
  )
  const chatty = Array.from({ length: 500 }, () => line({ operation: 'get_deployment_logs' }))
  const facts = read([line({}), ...chatty, ...many])
  expect(facts.deployments.get('dep_1')?.lines.length).toBeLessThan(100)
  expect(facts.notable).toHaveLength(1000)
  expect(facts.more).toBe(2000)
})
