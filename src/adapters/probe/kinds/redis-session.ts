import { networkProblem } from '../network-problem.ts'
import { unasked, type StepOutcome, type StepRun } from '../step-outcome.ts'
import { attempt, wrong } from './attempt.ts'
import { RedisError, respOver, type Send } from './resp.ts'
import { readServiceUrl, type Security, type ServiceUrl } from './service-url.ts'
import { openSocket } from './socket.ts'

const form = {
  schemes: /^rediss?$/,
  port: 6379,
  example: 'redis://user:password@host:6379/0, or rediss:// for TLS',
}

/** Connects to the Redis that a reference stands for. The connection is closed when this answers. */
export async function withRedis(
  reference: string,
  run: StepRun,
  work: (send: Send) => Promise<StepOutcome>,
): Promise<StepOutcome> {
  const target = readServiceUrl(reference, run, form)
  if ('problem' in target) return unasked(target.problem)
  if (!/^\d*$/.test(target.path)) {
    return unasked('what follows the host in the URL is no number of a database, such as /0')
  }
  const refusal = run.hosts.addressRefusal(target.host)
  if (refusal !== null) return unasked(refusal)
  return await attempt(run, async (signal, tell) => {
    try {
      const { host, port } = target
      const place = { host, port, security: securityOf(target) }
      const send = respOver(await openSocket(place, { run, signal, tell }))
      await enter(send, target)
      return await work(send)
    } catch (error) {
      const { message } = error as Error
      const isAnswer = error instanceof RedisError
      return wrong(isAnswer ? `Redis answered: ${message}` : networkProblem(error as Error))
    }
  })
}

async function enter(send: Send, { user, password, path }: ServiceUrl): Promise<void> {
  if (password !== '') await send('AUTH', ...(user === '' ? [] : [user]), password)
  if (Number(path) > 0) await send('SELECT', path)
}

function securityOf({ scheme, options }: ServiceUrl): Security {
  if (scheme === 'redis') return 'plain'
  // As other clients have it in their URLs, such as Celery.
  return /^(?:none|CERT_NONE)$/.test(options.get('ssl_cert_reqs') ?? '') ? 'unverified' : 'verified'
}
