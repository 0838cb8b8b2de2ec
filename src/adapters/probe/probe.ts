import type { Probe } from '../../ports/probe.ts'
import { exchange } from './exchange.ts'
import { runSmoke } from './smoke.ts'

/** A probe over HTTP and HTTPS. */
export function createProbe(deps: { now: () => number }): Probe {
  const now = () => deps.now()
  return {
    async get(address, { timeoutMs, signal }) {
      const url = URL.parse(address)
      if (!url || !/^https?:$/.test(url.protocol)) {
        return { reached: false, problem: 'not an http or https URL', duration_ms: 0 }
      }
      const started = now()
      const answer = await exchange(
        { method: 'GET', url, headers: { accept: 'application/json, */*' } },
        { totalMs: timeoutMs, remainingMs: timeoutMs, signal },
      )
      const duration_ms = now() - started
      if (!answer.reached) return { ...answer, duration_ms }
      const { status, body, headers } = answer
      return { reached: true, status, body, date: headers.date ?? null, duration_ms }
    },
    smoke: (request) => runSmoke(request, now),
  }
}
