import type { Environment } from '../../core/project.ts'
import type { Call } from '../../ports/context.ts'

/** One component's answer, asked now. */
export interface HealthAnswer {
  status: 'healthy' | 'unhealthy'
  message: string
  duration_ms: number
}

const healthTimeoutMs = 5000

/** Asks every configured component at once. A component that does not answer is unhealthy. */
export async function askHealth(
  call: Call,
  environment: Environment,
): Promise<Record<string, HealthAnswer>> {
  const entries = Object.entries(environment.health).map(
    async ([component, url]) => [component, await askOne(call, url)] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

async function askOne(call: Call, url: string): Promise<HealthAnswer> {
  const answer = await call.probe.get(url, { timeoutMs: healthTimeoutMs })
  const { duration_ms } = answer
  if (!answer.reached) return { status: 'unhealthy', message: answer.problem, duration_ms }
  const healthy = answer.status >= 200 && answer.status < 300
  const message = `answered ${answer.status}`
  return { status: healthy ? 'healthy' : 'unhealthy', message, duration_ms }
}
