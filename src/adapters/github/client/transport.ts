import http from 'node:http'
import { Failure } from '../../../core/failure.ts'
import type { Credentials } from './credentials.ts'

export interface TransportDeps {
  apiUrl: string
  /** Null for requests that carry a header of their own. */
  credentials: (() => Credentials) | null
  /** Proxies, as the environment names them. */
  env: Readonly<Record<string, string | undefined>>
  /** Ends what is only read: what becomes of a change that was sent is waited for. */
  shutdown: AbortSignal
}

/** How long GitHub may take for one answer, its body included. */
export const answerTimeoutMs = 15_000

/** Bytes of one answer; logs are downloaded in another way. */
const maxAnswerBytes = 32 * 1024 * 1024

const mostRedirects = 3

/**
 * `fetch` for the API and for nothing else: the token goes to the address of the API only, wherever an
 * answer points. An answer arrives whole or not at all, so that one that was cut is never taken for
 * an empty one.
 */
export function createTransport(deps: TransportDeps): typeof fetch {
  const { apiUrl, credentials, env, shutdown } = deps
  let proxy: object | undefined
  const send = (url: string, init: RequestInit) => {
    proxy ??= proxyFor(env)
    const late = AbortSignal.timeout(answerTimeoutMs)
    const signal = isReading(init) ? AbortSignal.any([late, shutdown]) : late
    return fetch(url, { ...init, ...proxy, signal })
  }
  return async (input, init = {}) => {
    const url = String(input instanceof Request ? input.url : input)
    const isRead = isReading(init)
    const who = credentials?.()
    const token = await who?.token()
    const first = await ask(url, init, { apiUrl, token, isRead, send })
    if (first.status !== 401 || !who || token === undefined) return first
    // A change is not sent again by itself, but the next one has the new token.
    const renewed = await who.renew(token)
    if (!renewed || !isRead) return first
    return ask(url, init, { apiUrl, token: await who.token(), isRead, send })
  }
}

function isReading({ method = 'GET' }: RequestInit): boolean {
  return ['GET', 'HEAD'].includes(method)
}

interface Asking {
  apiUrl: string
  token: string | undefined
  isRead: boolean
  send: (url: string, init: RequestInit) => Promise<Response>
}

async function ask(first: string, init: RequestInit, asking: Asking): Promise<Response> {
  let url = first
  for (let hops = 0; ; hops++) {
    const response = await asking.send(ownUrl(url, asking.apiUrl), withToken(init, asking.token))
    const location = response.headers.get('location')
    const isRedirect = [301, 302, 307, 308].includes(response.status) && location !== null
    if (!isRedirect || !asking.isRead || hops === mostRedirects) return await whole(response, url)
    await response.body?.cancel()
    url = new URL(location, url).href
  }
}

function withToken(init: RequestInit, token: string | undefined): RequestInit {
  const headers = new Headers(init.headers)
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  return { ...init, headers, redirect: 'manual' }
}

/** The address, if it is one of the API: another host must not get the token. */
function ownUrl(text: string, apiUrl: string): string {
  if (isBelow(text, apiUrl)) return text
  throw new Failure({
    code: 'pipeline_refused',
    message: `GitHub points to ${URL.parse(text)?.host ?? 'another address'}, which is not ${apiUrl}: the token stays here`,
    hint: 'gonogo config show github',
    details: { status: null, outcome: 'refused' },
  })
}

export function isBelow(text: string, apiUrl: string): boolean {
  const [url, base] = [URL.parse(text), new URL(apiUrl)]
  if (!url || url.origin !== base.origin || url.username !== '' || url.password !== '') return false
  return `${url.pathname}/`.startsWith(`${base.pathname.replace(/\/$/, '')}/`)
}

async function whole(response: Response, url: string): Promise<Response> {
  const { status, headers } = response
  const isEmpty = status === 204 || status === 205 || status === 304
  const body = isEmpty ? null : await read(response)
  const copy = new Response(body, { status, headers })
  Object.defineProperty(copy, 'url', { value: url })
  return copy
}

async function read(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > maxAnswerBytes) throw new TypeError('the answer is longer than 32 MiB')
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** What went wrong on the way, and whether GitHub may have seen the request all the same. */
export function networkProblem(error: unknown): { problem: string; sent: boolean } {
  const { name } = error as Error
  if (name === 'TimeoutError') {
    return { problem: `no answer within ${answerTimeoutMs / 1000} s`, sent: true }
  }
  const { code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException
  const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code ?? '')
  const problem = code ?? (message || 'the connection failed')
  return { problem, sent: !isCertificate && !neverSent.has(code ?? '') }
}

/**
 * The proxy for requests to GitHub alone. Node makes one from the environment, for the whole process
 * only; what it made is taken and the process left as it was, because live systems are asked directly.
 */
export function proxyFor(env: TransportDeps['env']): object {
  const names = ['http_proxy', 'https_proxy', 'no_proxy']
  const proxies = Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name] ?? env[name.toUpperCase()]
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
  if (proxies['http_proxy'] === undefined && proxies['https_proxy'] === undefined) return {}
  // Not there before Node.js 24.14, and not yet in its types.
  const set: unknown = Reflect.get(http, 'setGlobalProxyFromEnv')
  if (typeof set !== 'function') return {}
  const restore = globalProxy(() => set.call(http, proxies) as () => void)
  try {
    const dispatcher: unknown = Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1'))
    return dispatcher === undefined ? {} : { dispatcher }
  } finally {
    restore()
  }
}

function globalProxy(set: () => () => void): () => void {
  try {
    return set()
  } catch (error) {
    throw new Failure({
      code: 'invalid_configuration',
      message: 'HTTPS_PROXY or HTTP_PROXY is set and is no address of a proxy',
      hint: 'set it to an address such as http://127.0.0.1:3128, or unset it',
      cause: error,
    })
  }
}
