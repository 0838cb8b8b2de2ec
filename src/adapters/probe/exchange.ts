import http from 'node:http'
import https from 'node:https'
import { networkProblem } from './network-problem.ts'

/** One request, ready to be sent. */
export interface HttpRequest {
  method: string
  url: URL
  headers: Record<string, string>
  body?: string
}

export type HttpAnswer =
  | {
      reached: true
      status: number
      headers: http.IncomingHttpHeaders
      body: string
      /** True when the body was longer than what is read of one. */
      cut: boolean
    }
  | { reached: false; problem: string }

/** When a call has to be over, and for whom it ends earlier. */
export interface Limits {
  /** What the caller allowed in total, as told in messages. */
  totalMs: number
  /** What is left of it. */
  remainingMs: number
  signal: AbortSignal | undefined
}

/** Bytes read of an answer; the connection is closed at that point. */
const maxBodyBytes = 1024 * 1024

/** How far an exchange is, as told when it is late or lost at that point. */
const stages = {
  connecting: { late: 'no connection', lost: 'the connection was closed without an answer' },
  waiting: { late: 'no answer', lost: 'the connection was closed without an answer' },
  reading: {
    late: 'the answer did not end',
    lost: 'the connection was reset before the answer ended',
  },
}

/**
 * Sends one request and never rejects. node:http rather than fetch: a connection of its own that is
 * destroyed at the end, so that neither a hanging nor a dripping peer leaves anything behind.
 */
export function exchange(request: HttpRequest, limits: Limits): Promise<HttpAnswer> {
  if (limits.signal?.aborted) return Promise.resolve({ reached: false, problem: 'interrupted' })
  const { promise, resolve } = Promise.withResolvers<HttpAnswer>()
  let stage = stages.connecting
  const unreached = (problem: string) => resolve({ reached: false, problem })
  const interrupted = () => unreached('interrupted')
  const timer = setTimeout(
    () => unreached(`${stage.late} within ${limits.totalMs} ms`),
    Math.max(0, limits.remainingMs),
  )
  limits.signal?.addEventListener('abort', interrupted)
  const outgoing = open(request, unreached)
  outgoing?.on('socket', (socket) => {
    socket.once('connect', () => (stage = stages.waiting))
  })
  outgoing?.on('response', (response) => {
    stage = stages.reading
    receive(response, resolve)
    response.on('close', () => unreached(stage.lost))
  })
  outgoing?.on('close', () => {
    // The request may close before the end of a whole answer is announced.
    if (stage !== stages.reading) unreached(stage.lost)
  })
  outgoing?.end(request.body)
  return promise.finally(() => {
    clearTimeout(timer)
    limits.signal?.removeEventListener('abort', interrupted)
    outgoing?.destroy()
  })
}

function open(
  request: HttpRequest,
  unreached: (problem: string) => void,
): http.ClientRequest | undefined {
  const { request: send } = request.url.protocol === 'https:' ? https : http
  try {
    const { method } = request
    const headers = { 'accept-encoding': 'identity', 'user-agent': 'gonogo', ...request.headers }
    // Without an agent there is no pool in which a connection could linger.
    const outgoing = send(request.url, { method, headers, agent: false })
    // Stays attached after the end: destroying a request may emit a last error.
    outgoing.on('error', (error) => unreached(networkProblem(error)))
    return outgoing
  } catch (error) {
    unreached(networkProblem(error as Error))
    return undefined
  }
}

function receive(response: http.IncomingMessage, resolve: (answer: HttpAnswer) => void): void {
  const chunks: Uint8Array[] = []
  let size = 0
  const finish = (cut: boolean) => {
    const body = Buffer.concat(chunks).subarray(0, maxBodyBytes).toString('utf8')
    const { headers, statusCode = 0 } = response
    resolve({ reached: true, status: statusCode, headers, body, cut })
  }
  response.on('data', (chunk: Uint8Array) => {
    chunks.push(chunk)
    size += chunk.length
    if (size <= maxBodyBytes) return
    finish(true)
    response.destroy()
  })
  response.on('end', () => finish(false))
  // Nothing to add to what its closing says.
  response.on('error', () => undefined)
}
