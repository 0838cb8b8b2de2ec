import { Octokit } from '@octokit/core'
import { composePaginateRest } from '@octokit/plugin-paginate-rest'
import { throttling } from '@octokit/plugin-throttling'
import { Failure, toFailure } from '../../../core/failure.ts'
import { oneLine } from '../../../core/text.ts'
import type { Runtime } from '../../../ports/runtime.ts'
import type { AnswerCache, CachedAnswer } from './cache.ts'
import type { Credentials } from './credentials.ts'
import { rateLimited, refusalFailure, unanswered, type Asked, type Refusal } from './failures.ts'
import type { Params } from './github-client.ts'
import { spacing } from './spacing.ts'
import { networkProblem } from './transport.ts'

export interface RequestsDeps {
  apiUrl: string
  webUrl: string
  version: string
  credentials: () => Credentials
  send: typeof fetch
  cache: AnswerCache
  runtime: Pick<Runtime, 'now' | 'sleep' | 'sha256'>
  /** Ends the waiting for what is only read. */
  shutdown: AbortSignal
}

/** One answer of the API. */
export interface Reply {
  url: string
  status: number
  headers: Record<string, string | undefined>
  data: unknown
}

export interface Requests {
  /** Full address of a route with its parameters. */
  urlOf(route: string, params: Params): string
  /** Conditional, shared and retried. */
  read(route: string, params: Params): Promise<Reply>
  /** The pages of a listing, each read like `read`. */
  pages(route: string, params: Params): AsyncIterable<Reply>
  /** Once. */
  change(route: string, params: Params): Promise<Reply>
  /** Retries what changes nothing, as `read` does. */
  patiently<T>(work: () => Promise<T>): Promise<T>
  /** For failures about a request to this address. */
  asked(method: string, url: string): Asked
}

const accept = 'application/vnd.github+json'
const apiVersion = '2022-11-28'

export function createRequests(deps: RequestsDeps): Requests {
  const octokit = octokitFor(deps)
  const shared = new Map<string, Promise<Reply>>()
  const limits: Limits = { until: 0 }
  const asked = (method: string, url: string) => askedOf(method, url, deps)
  const patiently = <T>(work: () => Promise<T>) => withPatience(work, deps)
  const once = (method: string, url: string, params: Params) =>
    request(octokit, { method, url, params, limits, asked: asked(method, url), deps })
  const urlOf = (route: string, params: Params) =>
    octokit.request.endpoint(route, { ...params }).url
  const readUrl = async (url: string) => {
    const key = await keyOf(url, deps)
    const running = shared.get(key) ?? conditional(url, key, { deps, once, patiently })
    shared.set(key, running)
    try {
      // A copy for each of those who share it: they may change what they got.
      return structuredClone(await running)
    } finally {
      shared.delete(key)
    }
  }
  return {
    urlOf,
    patiently,
    asked,
    read: (route, params) => readUrl(urlOf(route, params)),
    pages: (route, params) => readPages(octokit, urlOf(route, params), readUrl),
    async change(route, params) {
      const { method, url, body } = octokit.request.endpoint(route, { ...params })
      return await once(method, url, { data: body as unknown })
    },
  }
}

/** Follows the links to the next page; each page is a conditional request of its own. */
function readPages(
  octokit: Octokit,
  first: string,
  readUrl: (url: string) => Promise<Reply>,
): AsyncIterable<Reply> {
  const reader = Object.assign(({ url }: { url: string }) => readUrl(url), {
    endpoint: () => ({ method: 'GET', url: first, headers: {} }),
  })
  type Source = Parameters<typeof composePaginateRest.iterator>[1]
  return composePaginateRest.iterator(octokit, reader as unknown as Source) as AsyncIterable<Reply>
}

/** The console belongs to the protocol in an MCP server. */
function quietly(): void {}

function octokitFor({ apiUrl, version, send, runtime }: RequestsDeps): Octokit {
  const log = { debug: quietly, info: quietly, warn: quietly, error: quietly }
  const Throttled = Octokit.plugin(throttling)
  return new Throttled({
    baseUrl: apiUrl,
    log,
    request: { fetch: send, log },
    // It spaces changes out. Waiting for a limit is decided in `withPatience`.
    throttle: {
      id: runtime.sha256(`${apiUrl} ${version}`),
      write: spacing(runtime, 1000) as never,
      // What people are told of, such as a comment.
      notifications: spacing(runtime, 3000) as never,
      onRateLimit: () => false,
      onSecondaryRateLimit: () => false,
    },
  })
}

interface Limits {
  /** Until then nothing is sent: whoever goes on asking is shut out for longer. */
  until: number
}

interface OneRequest {
  method: string
  url: string
  params: Params
  limits: Limits
  asked: Asked
  deps: RequestsDeps
}

async function request(octokit: Octokit, one: OneRequest): Promise<Reply> {
  const { method, url, params, limits, asked, deps } = one
  if (limits.until > deps.runtime.now()) throw rateLimited(limits.until, null)
  try {
    const headers = {
      accept,
      'x-github-api-version': apiVersion,
      'user-agent': `gonogo/${deps.version}`,
      ...(params['headers'] as object | undefined),
    }
    // The address is complete: what is left of the parameters must not be put into it again.
    const reply = await octokit.request({ method, url, data: params['data'], headers } as never)
    return checked(reply as Reply, asked)
  } catch (error) {
    const { response } = error as { response?: Reply }
    // GitHub's "nothing changed" comes as an error.
    if (response?.status === 304) return response
    const failure = failureOf(error, { ...asked, now: deps.runtime.now() })
    const { retry_at } = failure.details
    if (failure.code === 'rate_limited' && typeof retry_at === 'number') limits.until = retry_at
    throw failure
  }
}

/** A redirect that was not followed, and half an answer, are no success. */
function checked(reply: Reply, asked: Asked): Reply {
  if (reply.status >= 300) throw refusalFailure(asked, reply)
  const isJson = (reply.headers['content-type'] ?? '').includes('json')
  if (isJson && typeof reply.data === 'string' && reply.status !== 204) {
    throw unanswered(asked, 'the answer is not JSON', true)
  }
  return { ...reply, data: withTextIds(reply.data) }
}

function failureOf(error: unknown, asked: Asked): Failure {
  const { response, cause } = error as { response?: Refusal; cause?: unknown }
  if (error instanceof Failure) return error
  if (cause instanceof Failure) return cause
  if (response !== undefined) return refusalFailure(asked, response)
  if (cause === undefined) return toFailure(error)
  const { problem, sent } = networkProblem(cause)
  return unanswered(asked, oneLine(problem, 120), sent)
}

interface Reading {
  deps: RequestsDeps
  once: (method: string, url: string, params: Params) => Promise<Reply>
  patiently: Requests['patiently']
}

/** Asks whether anything changed since it was asked last, by whichever process. */
async function conditional(url: string, key: string, reading: Reading): Promise<Reply> {
  const { deps, once, patiently } = reading
  return await deps.cache.alone(key, async () => {
    const known = await deps.cache.read(key, url)
    const headers = known ? { 'if-none-match': known.etag } : {}
    const reply = await patiently(() => once('GET', url, { headers }))
    const { etag, link } = reply.headers
    if (etag !== undefined && reply.status === 200) {
      const { status, data } = reply
      await deps.cache.write(key, { url, etag, status, link: link ?? null, data })
    }
    return reply.status === 304 && known ? fromCache(known, reply) : reply
  })
}

function fromCache({ url, status, link, data }: CachedAnswer, { headers }: Reply): Reply {
  return { url, status, data, headers: { ...headers, ...(link !== null && { link }) } }
}

async function keyOf(url: string, { credentials, runtime }: RequestsDeps): Promise<string> {
  const identity = await credentials().identity()
  return runtime.sha256([identity, accept, apiVersion, url].join('\n'))
}

function askedOf(method: string, url: string, deps: RequestsDeps): Asked {
  const { source, kind } = deps.credentials()
  const path = URL.parse(url)?.pathname ?? url
  const pages = { app: '/settings/apps', token: '/settings/tokens', command: '/settings/tokens' }
  const settings = kind === 'person' ? pages.token : pages[kind]
  const now = deps.runtime.now()
  return { method, path: oneLine(path), source, settings: `${deps.webUrl}${settings}`, now }
}

const mostTries = 4
const firstWaitMs = 300
/** A limit that ends sooner is waited for. */
const shortLimitMs = 20_000
/** No answer at all is waited for twice: whoever called a tool waits for a minute at most. */
const patienceMs = 25_000

async function withPatience<T>(
  work: () => Promise<T>,
  { runtime: { now, sleep }, shutdown }: Pick<RequestsDeps, 'runtime' | 'shutdown'>,
): Promise<T> {
  const deadline = now() + patienceMs
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (shutdown.aborted) throw interrupted(error)
      const wait = waitBefore(tries, error, now())
      if (wait === null || now() + wait > deadline) throw error
      await sleep(wait, shutdown).catch((reason: unknown) => {
        throw interrupted(reason)
      })
    }
  }
}

function interrupted(cause: unknown): Failure {
  return new Failure({
    code: 'interrupted',
    message: 'interrupted while GitHub was asked; nothing was changed by that',
    hint: 'run the same again',
    cause,
  })
}

/** How long to wait before it is tried again; null: it is not. */
function waitBefore(tries: number, error: unknown, now: number): number | null {
  if (tries >= mostTries || !(error instanceof Failure)) return null
  const { status, retry_at } = error.details
  if (error.code === 'rate_limited' && typeof retry_at === 'number') {
    const wait = Math.max(0, retry_at - now)
    return wait <= shortLimitMs ? wait : null
  }
  const isPassing = status === null || [502, 503, 504].includes(Number(status))
  if (error.code !== 'pipeline_unavailable' || !isPassing) return null
  return firstWaitMs * 3 ** (tries - 1) * (0.5 + Math.random())
}

/** Ids as texts, whatever they are elsewhere: some are longer than a number can be. */
function withTextIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTextIds)
  if (typeof value === 'bigint') return String(value)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) =>
      isNumeric(member) && (key === 'id' || key.endsWith('_id'))
        ? [key, String(member)]
        : [key, withTextIds(member)],
    ),
  )
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
