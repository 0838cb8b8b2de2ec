import { expect, it } from 'vitest'
import { latencyProblems, percentilesOf } from '../../src/core/latency.ts'

it('takes percentiles by nearest rank: a time that was measured', () => {
  const times = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(percentilesOf(times)).toEqual({
    requests: 100,
    p50_ms: 50,
    p95_ms: 95,
    p99_ms: 99,
    max_ms: 100,
  })
  expect(percentilesOf([15, 20, 35, 40, 50])).toMatchObject({ p50_ms: 35, p95_ms: 50 })
  expect(percentilesOf([7])).toEqual({ requests: 1, p50_ms: 7, p95_ms: 7, p99_ms: 7, max_ms: 7 })
})

it('rounds up, so that a limit that was exceeded is told as exceeded', () => {
  const measured = percentilesOf([100.01])
  expect(measured.max_ms).toBe(100.1)
  expect(latencyProblems(measured, { p50_ms: 101, max_ms: 100 })).toEqual([
    'latency max: at most 100 ms wanted, was 100.1 ms',
  ])
  expect(latencyProblems(measured, { p50_ms: null, p95_ms: 100.1 })).toEqual([])
})
