/** Times in milliseconds, of the fastest to the slowest request. */
export interface Percentiles {
  requests: number
  p50_ms: number
  p95_ms: number
  p99_ms: number
  max_ms: number
}

/** Percentiles by nearest rank: the smallest time that so many of 100 requests did not exceed. */
export function percentilesOf(times: readonly number[]): Percentiles {
  const sorted = times.toSorted((left, right) => left - right)
  const at = (percent: number) => rounded(sorted[Math.ceil((percent / 100) * sorted.length) - 1])
  return {
    requests: sorted.length,
    p50_ms: at(50),
    p95_ms: at(95),
    p99_ms: at(99),
    max_ms: at(100),
  }
}

// Never below what was measured: a limit that was exceeded must not look as if it were kept.
function rounded(time = 0): number {
  return Math.ceil(time * 10) / 10
}

/** Which limits the times exceed, in words. */
export function latencyProblems(
  measured: Percentiles,
  limits: Partial<Record<string, unknown>>,
): string[] {
  return (['p50_ms', 'p95_ms', 'p99_ms', 'max_ms'] as const).flatMap((name) => {
    const limit = limits[name]
    if (typeof limit !== 'number' || measured[name] <= limit) return []
    const label = name.replace('_ms', '')
    return [`latency ${label}: at most ${limit} ms wanted, was ${measured[name]} ms`]
  })
}
