import type { Probe, ProbeAnswer } from '../../ports/probe.ts'
import { exchange, type HttpRequest } from './exchange.ts'
import { createHosts } from './hosts.ts'
import { runSmoke } from './smoke.ts'
import type { ProbeDeps } from './smoke-run.ts'

const accept = 'application/json, */*'

/** A probe of live systems. */
export function createProbe(deps: ProbeDeps): Probe {
  const now = () => deps.now()
  // Only configured addresses are asked for here; where their names lead is looked at all the same.
  const way = { hosts: createHosts([], deps.resolve), agents: null }

  async function ask(
    address: string,
    request: Omit<HttpRequest, 'url'>,
    { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<ProbeAnswer> {
    const url = URL.parse(address)
    if (!url || !/^https?:$/.test(url.protocol)) {
      return { reached: false, problem: 'not an http or https URL', duration_ms: 0 }
    }
    const started = now()
    const limits = { totalMs: timeoutMs, remainingMs: timeoutMs, signal }
    const answer = await exchange({ ...request, url }, limits, way)
    const duration_ms = now() - started
    const problem = answer.reached ? answer.unread : answer.problem
    if (!answer.reached || problem !== null)
      return { reached: false, problem: problem ?? '', duration_ms }
    const { status, body, headers } = answer
    return { reached: true, status, body, date: headers.date ?? null, duration_ms }
  }

  return {
    get: (address, options) => ask(address, { method: 'GET', headers: { accept } }, options),
    ask(address, { json, ...options }) {
      const body = JSON.stringify(json)
      const length = String(Buffer.byteLength(body))
      const headers = { accept, 'content-type': 'application/json', 'content-length': length }
      return ask(address, { method: 'POST', headers, body }, options)
    },
    smoke: (request) => runSmoke(request, { ...deps, now }),
  }
}
