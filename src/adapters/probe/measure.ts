import { latencyProblems, percentilesOf, type Percentiles } from '../../core/latency.ts'
import type { LatencyRule } from '../../core/smoke.ts'
import { inParallel } from './parallel.ts'
import type { Tried } from './kinds/http.ts'

/**
 * Sends the request of a step as often as its rule says; the first answer that is wrong ends it and is
 * the one that is told. Else it is the first one, with the times of all.
 */
export async function measure(
  rule: LatencyRule,
  once: () => Promise<Tried>,
): Promise<{ tried: Tried; latency?: Percentiles }> {
  const times: number[] = []
  let told: Tried | null = null
  let wrong: Tried | null = null
  const numbers = Array.from({ length: rule.requests }, (_, index) => index + 1)
  await inParallel(numbers, rule.concurrency, async (number) => {
    if (wrong !== null) return
    const tried = await once()
    times.push(tried.took_ms)
    told ??= tried
    if (tried.verdict.problems.length > 0) wrong ??= numbered(tried, number, rule.requests)
  })
  const broken = wrong as Tried | null
  if (broken !== null) return { tried: broken }
  const latency = percentilesOf(times)
  const { verdict, ...rest } = told as unknown as Tried
  const problems = latencyProblems(latency, { ...rule })
  return { tried: { ...rest, verdict: { ...verdict, problems } }, latency }
}

function numbered({ verdict, ...rest }: Tried, number: number, requests: number): Tried {
  const problems = verdict.problems.map((text) => `request ${number} of ${requests}: ${text}`)
  return { ...rest, verdict: { ...verdict, problems } }
}
