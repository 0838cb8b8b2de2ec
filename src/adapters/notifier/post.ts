import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { oneLine } from '../../core/text.ts'
import type { Sent } from '../../ports/notifier.ts'
import { checkedLookup, refusedAddress, type Resolve } from './lookup.ts'

/** One message on its way. */
export interface Post {
  url: URL
  /** Whether it may go to this machine only. */
  isLocal: boolean
  headers: Record<string, string>
  body: string
}

/** How messages are sent; tests hand in other values. */
export interface Way {
  resolve: Resolve
  timeoutMs: number
}

/** An answer says nothing that is wanted; this much of it is read, so that the connection ends in order. */
const answerBytes = 64 * 1024

/** Sends one message over a connection of its own, directly. Never rejects, follows nothing. */
export async function post(message: Post, way: Way): Promise<Sent> {
  const late = AbortSignal.timeout(way.timeoutMs)
  try {
    return judged(await answerTo(message, way, late))
  } catch (error) {
    if (late.aborted) return failed(`no answer within ${way.timeoutMs / 1000} s`)
    return unreachable(error as NodeJS.ErrnoException)
  }
}

async function answerTo({ url, isLocal, headers, body }: Post, way: Way, signal: AbortSignal) {
  const isSecure = url.protocol === 'https:'
  const outgoing = (isSecure ? https : http).request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'gonogo',
      ...headers,
    },
    agent: false,
    lookup: checkedLookup(way.resolve, isLocal && !isSecure),
    signal,
  })
  // Stays attached after the end: destroying a request may emit a last error.
  outgoing.on('error', () => undefined)
  try {
    outgoing.end(body)
    const [response] = (await once(outgoing, 'response', { signal })) as [http.IncomingMessage]
    await drain(response)
    return response.statusCode ?? 0
  } finally {
    outgoing.destroy()
  }
}

async function drain(response: http.IncomingMessage): Promise<void> {
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > answerBytes) return
  }
}

function judged(status: number): Sent {
  if (status >= 200 && status < 300) return { delivered: true }
  if (status >= 300 && status < 400)
    return hopeless(`answered ${status}: redirects are not followed`)
  // Too early, too many, too slow: what they refuse now they may take later. Other refusals stay.
  const later = status >= 500 || [408, 425, 429].includes(status)
  return later ? failed(`answered ${status}`) : hopeless(`refused it with ${status}`)
}

const words: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed before an answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'no connection',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up now',
  EPROTO: 'it does not speak HTTPS',
}

function unreachable({ code = '', message }: NodeJS.ErrnoException): Sent {
  if (code === refusedAddress) return hopeless(oneLine(message))
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code))
    return failed(`its certificate is not accepted (${code})`)
  // Any other text could quote the address.
  return failed(words[code] ?? `the request failed (${oneLine(code, 60) || 'no code'})`)
}

const failed = (problem: string): Sent => ({ delivered: false, problem, hopeless: false })
const hopeless = (problem: string): Sent => ({ delivered: false, problem, hopeless: true })
