import { expect, it } from 'vitest'
import { simulate } from './simulation.ts'

const schedules = 1000

it('drives every deployment to one end, whatever is killed, stalled or interleaved', async () => {
  let kills = 0
  let interrupted = 0
  for (let seed = 1; seed <= schedules; seed++) {
    const { rows, audit, started, violations, ...trace } = await simulate(seed)
    const where = `seed ${seed}`
    expect(violations, where).toEqual([])
    expect(
      [...started.values()].filter((times) => times > 1),
      where,
    ).toEqual([])
    expect([...rows.locks.keys()], where).toEqual([])
    for (const { id, status, phase, lease_owner } of rows.deployments.values()) {
      expect({ phase, lease_owner }, where).toEqual({ phase: 'ended', lease_owner: null })
      // What a rollback marked later was a success when it ended.
      const told = status === 'rolled_back' ? 'success' : status
      const results = audit.filter((line) => line.correlation_id === id)
      expect(
        results.map(({ details }) => details.status),
        where,
      ).toEqual([told])
    }
    kills += trace.kills
    if (rows.deployments.size > 1) interrupted++
  }
  // Or the schedules would prove nothing.
  expect(kills).toBeGreaterThan(schedules)
  expect(interrupted).toBeGreaterThan(schedules / 3)
})
