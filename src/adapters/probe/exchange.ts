import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { oneLine } from '../../core/text.ts'
import type { SmokeCertificate } from '../../ports/probe.ts'
import type { Agents } from './agents.ts'
import { certificateOf } from './certificate.ts'
import type { Hosts } from './hosts.ts'
import type { Limits } from './limits.ts'
import { networkProblem } from './network-problem.ts'
import { unpack } from './unpack.ts'

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
      /** Why the body, which is empty here, could not be read; else null. */
      unread: string | null
      /** What the server showed on a connection of its own; else null. */
      certificate: SmokeCertificate | null
    }
  | {
      reached: false
      problem: string
      /** Of the error, where there was one. */
      code?: string
      /** The other side had closed a kept connection before it saw the request. */
      stale?: boolean
    }

/** Sent with every request that does not say otherwise. */
export const usualHeaders = { 'accept-encoding': 'identity', 'user-agent': 'gonogo' }

/** How a request gets to its host. */
export interface Way {
  hosts: Pick<Hosts, 'addressRefusal' | 'lookup'>
  /** Null: a connection of its own, closed at the end. */
  agents: Agents | null
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
 * Sends one request and never rejects. node:http rather than fetch: a request that is not answered in
 * full takes its connection with it, so that neither a hanging nor a dripping peer leaves anything behind.
 */
export function exchange(request: HttpRequest, limits: Limits, way: Way): Promise<HttpAnswer> {
  if (limits.signal?.aborted) return Promise.resolve({ reached: false, problem: 'interrupted' })
  const refusal = way.hosts.addressRefusal(request.url.hostname)
  if (refusal !== null) return Promise.resolve({ reached: false, problem: refusal })
  const { promise, resolve } = Promise.withResolvers<HttpAnswer>()
  const end = (answer: HttpAnswer) => {
    isOver = true
    clearTimeout(timer)
    limits.signal?.removeEventListener('abort', interrupted)
    resolve(answer)
    // Does nothing to a kept connection: it is not this request's any more once the answer has ended.
    outgoing?.destroy()
  }
  let stage = stages.connecting
  let outgoing: http.ClientRequest | undefined
  let isOver = false
  const unreached = (problem: string, code?: string) => {
    if (isOver) return
    const stale = stage !== stages.reading && outgoing?.reusedSocket === true && isLoss(code)
    end({ reached: false, problem, ...(code && { code }), ...(stale && { stale }) })
  }
  const late = () => unreached(`${stage.late} within ${limits.totalMs} ms`, 'late')
  const interrupted = () => unreached('interrupted', 'interrupted')
  const timer = setTimeout(late, Math.max(0, limits.remainingMs))
  limits.signal?.addEventListener('abort', interrupted)
  outgoing = open(request, way, unreached)
  outgoing?.on('socket', (socket: Socket) => {
    if (!socket.connecting) stage = stages.waiting
    else socket.once('connect', () => (stage = stages.waiting))
  })
  outgoing?.on('response', (response) => {
    stage = stages.reading
    receive(response, certificateSeen(response, way), end)
    response.on('close', () => unreached(stage.lost))
  })
  outgoing?.on('close', () => {
    // The request may close before the end of a whole answer is announced.
    if (stage !== stages.reading) unreached(stage.lost)
  })
  outgoing?.end(request.body)
  return promise
}

function isLoss(code: string | undefined): boolean {
  return code === undefined || code === 'ECONNRESET' || code === 'EPIPE'
}

function open(
  request: HttpRequest,
  { hosts, agents }: Way,
  unreached: (problem: string, code?: string) => void,
): http.ClientRequest | undefined {
  const { request: send } = request.url.protocol === 'https:' ? https : http
  try {
    const { method, url } = request
    const headers = { ...usualHeaders, ...request.headers }
    const agent = agents?.of(url) ?? false
    // Said here, since a variable of gonogo's own environment would switch it off.
    const options = { method, headers, agent, lookup: hosts.lookup, rejectUnauthorized: true }
    const outgoing = send(url, options)
    // Stays attached after the end: destroying a request may emit a last error.
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      unreached(networkProblem(error), error.code),
    )
    return outgoing
  } catch (error) {
    unreached(networkProblem(error as Error))
    return undefined
  }
}

/** On a kept connection Node may not have it any more. */
function certificateSeen(
  { socket }: http.IncomingMessage,
  { agents }: Way,
): SmokeCertificate | null {
  return agents === null && 'getPeerCertificate' in socket
    ? certificateOf(socket as TLSSocket)
    : null
}

function receive(
  response: http.IncomingMessage,
  certificate: SmokeCertificate | null,
  resolve: (answer: HttpAnswer) => void,
): void {
  const chunks: Uint8Array[] = []
  let size = 0
  const finish = (cut: boolean) => {
    const { headers, statusCode: status = 0 } = response
    const read = textOf(Buffer.concat(chunks).subarray(0, maxBodyBytes), headers)
    resolve({ reached: true, status, headers, ...read, cut, certificate })
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

function textOf(bytes: Buffer, headers: http.IncomingHttpHeaders) {
  const encoding = headers['content-encoding']?.trim().toLowerCase()
  const plain = encoding === undefined ? bytes : unpack(bytes, encoding, maxBodyBytes)
  if (plain !== null) return { body: plain.toString('utf8'), unread: null }
  const name = JSON.stringify(oneLine(encoding ?? '', 40))
  return { body: '', unread: `the answer has the encoding ${name}, which is not read` }
}
