import { randomBytes } from 'node:crypto'
import type { Environment } from '../../core/project.ts'
import { fail, ok, warn, type Finding } from '../finding.ts'
import type { Patient } from '../patient.ts'

/** A component's health address with the name it has in the configuration. */
type Endpoint = [component: string, url: string]

/** Whether the health endpoints answer, and whether a good answer means anything. */
export async function healthFindings(
  patient: Patient,
  environment: Environment,
  deployed: boolean,
): Promise<Finding[]> {
  const endpoints: Endpoint[] = Object.entries(environment.health)
  const { name } = environment
  if (endpoints.length === 0) {
    const message = `${name} has no health endpoints: its health is always unknown`
    return [warn('health_endpoint', message, `add environments.${name}.health to gonogo.yaml`)]
  }
  // All at once: a host that hangs is waited for one time.
  const [answered, proofs] = await Promise.all([
    Promise.all(endpoints.map((endpoint) => answerOf(patient, endpoint))),
    Promise.all(hostsOf(environment).map((base) => proofFinding(patient, name, base))),
  ])
  return [
    ...answerFindings(name, answered, deployed),
    ...proofs.flat(),
    ...sameUrl(name, endpoints),
  ]
}

/** What a component's endpoint said; null when it said what it should. */
interface Answered {
  component: string
  url: string
  problem: string | null
}

async function answerOf({ ask }: Patient, [component, url]: Endpoint): Promise<Answered> {
  const { answer } = await ask(url)
  if (!answer.reached) return { component, url, problem: `cannot be reached (${answer.problem})` }
  const { status } = answer
  if (status >= 200 && status < 300) return { component, url, problem: null }
  const redirect = status >= 300 && status < 400
  const why = redirect ? 'a redirect, which is not followed' : 'so it counts as unhealthy'
  return { component, url, problem: `answers ${status}, ${why}` }
}

/** Components with the same trouble are told together: their host is down, most likely. */
function answerFindings(name: string, answered: readonly Answered[], deployed: boolean): Finding[] {
  const judge = deployed ? fail : warn
  const yet = deployed ? '' : '; gonogo has deployed nothing there yet'
  const groups = Map.groupBy(answered, ({ problem }) => problem)
  return [...groups].map(([problem, members]) => {
    const components = members.map(({ component }) => component).join(', ')
    if (problem === null) return ok('health_endpoint', `${name} is healthy: ${components}`)
    const [{ url } = { url: '' }] = members
    return judge('health_endpoint', `${name}: ${components} ${problem}${yet}`, `curl -i ${url}`)
  })
}

/** Where the endpoints are: the environment's own address, and the hosts of absolute ones. */
function hostsOf({ url, health }: Environment): string[] {
  const own = url?.replace(/\/+$/, '')
  const bases = Object.values(health).map((address) =>
    own !== undefined && address.startsWith(`${own}/`) ? own : new URL(address).origin,
  )
  return [...new Set(bases)]
}

/** A host that says yes to everything says nothing. */
async function proofFinding({ ask }: Patient, name: string, base: string): Promise<Finding[]> {
  const { answer } = await ask(`${base}/gonogo-doctor-${randomBytes(6).toString('hex')}`)
  if (!answer.reached) return []
  const { status } = answer
  if (status >= 200 && status < 300) {
    const message = `${name}: ${base} answers ${status} to a path that cannot exist, so a healthy answer proves nothing`
    const fix = 'let unknown paths answer 404, or name a health path of the service itself'
    return [warn('health_proof', message, fix)]
  }
  return [ok('health_proof', `${name}: a path that cannot exist answers ${status}`)]
}

function sameUrl(name: string, endpoints: readonly Endpoint[]): Finding[] {
  const groups = Map.groupBy(endpoints, ([, url]) => url)
  return [...groups].flatMap(([url, members]) => {
    if (members.length < 2) return []
    const components = members.map(([component]) => component).join(', ')
    const message = `${name}: ${components} share ${url}: several names, one proof`
    return [warn('health_proof', message, `give each component its own path in gonogo.yaml`)]
  })
}
