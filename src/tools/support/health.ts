import { toFailure } from '../../core/failure.ts'
import { saysIll } from '../../core/health-words.ts'
import type { Environment } from '../../core/project.ts'
import type { WorkerStep } from '../../core/smoke.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import type { SmokeResult } from '../../ports/probe.ts'
import { allowedHosts } from './smoke.ts'

/** One component's answer, asked now. */
export interface HealthAnswer {
  /** Unknown: nobody could tell, which is never healthy. */
  status: 'healthy' | 'unhealthy' | 'unknown'
  message: string
  duration_ms: number
}

type Answers = Record<string, HealthAnswer>

const healthTimeoutMs = 5000

/** Asks everything that is configured at once: the endpoints, and after the workers of the smoke tests. */
export async function askHealth(call: Call, environment: Environment): Promise<Answers> {
  const [workers, endpoints] = await Promise.all([
    askWorkers(call, environment),
    askEndpoints(call, environment),
  ])
  return { ...workers, ...endpoints }
}

/** Asks every health endpoint at once. A component that does not answer is unhealthy. */
export async function askEndpoints(call: Call, environment: Environment): Promise<Answers> {
  const entries = Object.entries(environment.health).map(
    async ([component, url]) => [component, await askOne(call, url)] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

async function askOne(call: Call, url: string): Promise<HealthAnswer> {
  const answer = await call.probe.get(url, { timeoutMs: healthTimeoutMs })
  const { duration_ms } = answer
  if (!answer.reached) return { status: 'unhealthy', message: answer.problem, duration_ms }
  const message = `answered ${answer.status}`
  const isWell = answer.status >= 200 && answer.status < 300
  const ill = isWell ? illness(answer.body) : null
  if (ill !== null)
    return { status: 'unhealthy', message: `${message}, but says ${ill}`, duration_ms }
  return { status: isWell ? 'healthy' : 'unhealthy', message, duration_ms }
}

/** What a good answer says of itself all the same. */
function illness(body: string): string | null {
  const said = saysIll(jsonOrText(body))
  return said === null ? null : oneLine(said, 40)
}

function jsonOrText(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

/** Workers have no endpoint of their own: what the smoke tests ask about them is asked here, too. */
async function askWorkers(call: Call, environment: Environment): Promise<Answers> {
  const { setup, basic, full } = call.project.smoke
  const workers = [...setup, ...basic, ...full].filter((step) => step.kind === 'worker')
  if (workers.length === 0) return {}
  try {
    const results = await call.probe.smoke({
      baseUrl: environment.url ?? '',
      steps: workers.map(once),
      variables: await call.variables.of(environment),
      allowedHosts: allowedHosts(call.project, environment),
      timeoutMs: healthTimeoutMs,
    })
    return Object.fromEntries(results.map((result) => [result.name, workerAnswer(result)]))
  } catch (error) {
    const message = oneLine(toFailure(error).message)
    const unknown: HealthAnswer = { status: 'unknown', message, duration_ms: 0 }
    return Object.fromEntries(workers.map(({ name }) => [name, unknown]))
  }
}

function workerAnswer({ passed, ran, message, duration_ms }: SmokeResult): HealthAnswer {
  const status = passed ? 'healthy' : ran ? 'unhealthy' : 'unknown'
  return { status, message: message.replace(/^unknown: /, ''), duration_ms }
}

/** None waits for another one, and whoever asks for health asks again. */
function once(step: WorkerStep): WorkerStep {
  return { ...step, parallel: true, retry: null }
}
