import { join } from 'node:path'
import { Failure } from '../../../core/failure.ts'
import type { GitHubSettings } from '../../../core/project.ts'
import type { Processes } from '../../../ports/process.ts'
import type { Runtime } from '../../../ports/runtime.ts'
import { createAnswerCache, createOwnCache, type AnswerCache } from './cache.ts'
import { credentialsFor, fixedCredentials, type Credentials } from './credentials.ts'
import { openDownload } from './download.ts'
import type {
  Answer,
  GitHubClient,
  ListOptions,
  Listing,
  Params,
  Repository,
  TokenFacts,
} from './github-client.ts'
import { findRepository, placeOf, type Place } from './place.ts'
import { createRequests, type Reply, type Requests } from './requests.ts'
import { createTransport } from './transport.ts'

export interface GitHubClientDeps {
  settings: Pick<GitHubSettings, 'repository' | 'api_url' | 'token_command' | 'app'>
  /** GITHUB_TOKEN; null when it is not set. */
  token: string | null
  /** Told every token before it is used, so that nothing shows it. */
  onToken: (token: string) => void
  /** Absolute path; answers are kept in `github/cache/` below it. */
  stateDirectory: string
  /** Absolute path of the git repository, whose remote may say which one it is on GitHub. */
  repository: string
  processes: Pick<Processes, 'run'>
  runtime: Pick<Runtime, 'now' | 'sleep' | 'sha256'>
  /** What git and the token command see. */
  commandEnv: Record<string, string>
  /** Where proxies are named. */
  env: Readonly<Record<string, string | undefined>>
  /** Ends what is only read, and the waiting for it. A change that was sent is waited for. */
  shutdown: AbortSignal
  /** Version of gonogo, for GitHub's logs. */
  version: string
}

/** GitHub for one project. Nothing is asked, and no token looked for, before the first request. */
export function createGitHubClient(deps: GitHubClientDeps): GitHubClient {
  const { settings, stateDirectory } = deps
  const own = once(() =>
    announced(
      credentialsFor({
        ...deps,
        env: deps.commandEnv,
        apiUrl: settings.api_url,
        fetch: createTransport({
          apiUrl: settings.api_url,
          credentials: null,
          env: deps.env,
          shutdown: deps.shutdown,
        }),
      }),
      deps.onToken,
    ),
  )
  const place = placeOf(settings.api_url)
  const repository = once(() =>
    findRepository({
      configured: settings.repository,
      directory: deps.repository,
      place,
      processes: deps.processes,
      env: deps.commandEnv,
    }),
  )
  const cache = createAnswerCache(join(stateDirectory, 'github/cache'))
  return clientFor({ deps, credentials: own, place, repository, cache })
}

function announced(credentials: Credentials, onToken: (token: string) => void): Credentials {
  const known = new Set<string>()
  return {
    ...credentials,
    async token() {
      const token = await credentials.token()
      if (!known.has(token)) onToken(token)
      known.add(token)
      return token
    },
  }
}

interface Parts {
  deps: GitHubClientDeps
  credentials: () => Credentials
  place: Place
  repository: () => Promise<Repository>
  cache: AnswerCache
}

function clientFor(parts: Parts): GitHubClient {
  const { deps, credentials, place, repository } = parts
  const requests = requestsFor(parts)
  const routed = async (method: string, route: string, params: Params = {}) =>
    fullRoute(method, route, params, repository)
  const get = async <T>(route: string, params?: Params): Promise<Answer<T>> => {
    const reply = await requests.read(...(await routed('GET', route, params)))
    return { ...answerOf<T>(reply), token: tokenFacts(reply, credentials()) }
  }
  return {
    host: place.host,
    webUrl: place.webUrl,
    repository,
    login: once(async () => loginOf(credentials(), get, repository)),
    get,
    find: (route, params) => orNull(get(route, params)),
    list: async (route, { params, ...options } = {}) =>
      listOf(requests, await routed('GET', route, params), options),
    send: async (method, route, params) =>
      answerOf(await sent(requests, await routed(method, route, params))),
    async download(route, params, options) {
      const url = requests.urlOf(...(await routed('GET', route, params)))
      const { shutdown } = deps
      const signal = options?.signal ? AbortSignal.any([options.signal, shutdown]) : shutdown
      const open = () =>
        openDownload(downloadDeps(parts, requests, url), url, { ...options, signal })
      return await requests.patiently(open)
    },
    firsthand: () => clientFor({ ...parts, cache: createOwnCache() }),
    as: (token) =>
      clientFor({
        ...parts,
        credentials: once(() => fixedCredentials(token, 'whoever acts', 'person', deps.runtime)),
      }),
  }
}

function requestsFor({ deps, credentials, place, cache }: Parts): Requests {
  const { settings, env, version, runtime, shutdown } = deps
  const apiUrl = settings.api_url
  const send = createTransport({ apiUrl, credentials, env, shutdown })
  return createRequests({
    apiUrl,
    webUrl: place.webUrl,
    version,
    credentials,
    send,
    cache,
    runtime,
    shutdown,
  })
}

function downloadDeps({ deps, credentials }: Parts, requests: Requests, url: string) {
  return {
    apiUrl: deps.settings.api_url,
    env: deps.env,
    token: async () => credentials().token(),
    renew: async (token: string) => credentials().renew(token),
    userAgent: `gonogo/${deps.version}`,
    asked: requests.asked('GET', url),
  }
}

/** A route that begins with its method is below the API's root, any other below the repository. */
async function fullRoute(
  method: string,
  route: string,
  params: Params,
  repository: () => Promise<Repository>,
): Promise<[string, Params]> {
  if (/^[A-Z]+ \//.test(route)) return [route, params]
  const { owner, name } = await repository()
  return [
    `${method} /repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}${route}`,
    params,
  ]
}

/** One change, once. What fails without GitHub's doing, such as the token, leaves no doubt. */
async function sent(requests: Requests, [route, params]: [string, Params]): Promise<Reply> {
  try {
    return await requests.change(route, params)
  } catch (error) {
    if (!(error instanceof Failure) || error.details['outcome'] !== undefined) throw error
    const { code, message, hint, retryable } = error
    const details = { ...error.details, outcome: 'refused' }
    throw new Failure({ code, message, hint, retryable, details, cause: error })
  }
}

const defaultMost = 1000
const pageSize = 100

async function listOf<T>(
  requests: Requests,
  [route, params]: [string, Params],
  { key, most = defaultMost }: ListOptions,
): Promise<Listing<T>> {
  // What moves to the next page while the pages are read would be there twice.
  const items = new Map<unknown, T>()
  const size = Math.min(pageSize, most)
  let date: number | null = null
  for await (const page of requests.pages(route, { per_page: size, ...params })) {
    date ??= dateOf(page)
    const found = itemsOf(page, key, requests) as T[]
    const isLast = !(page.headers['link'] ?? '').includes('rel="next"')
    for (const [index, item] of found.entries()) {
      items.set((item as { id?: unknown } | null)?.id ?? Symbol('no id'), item)
      const isEnd = isLast && index === found.length - 1
      // That there is more is known without asking for it.
      if (items.size === most) return { items: [...items.values()], truncated: !isEnd, date }
    }
  }
  return { items: [...items.values()], truncated: false, date }
}

function itemsOf({ data, url }: Reply, key: string | undefined, requests: Requests): unknown[] {
  const named = key === undefined ? undefined : (data as Record<string, unknown> | null)?.[key]
  const list = Array.isArray(data) ? data : named
  if (Array.isArray(list)) return list
  const { path } = requests.asked('GET', url)
  throw new Failure({
    code: 'pipeline_unavailable',
    message: `GitHub's answer to GET ${path} is no list${key === undefined ? '' : ` of ${key}`}`,
    hint: 'gonogo doctor',
    retryable: true,
    details: { status: null },
  })
}

function answerOf<T>(reply: Reply): Answer<T> {
  return { status: reply.status, data: reply.data as T, date: dateOf(reply) }
}

/** GitHub says with every answer what the token is. */
function tokenFacts({ headers }: Reply, credentials: Credentials): TokenFacts {
  const { source } = credentials
  const scopes = headers['x-oauth-scopes']?.split(/,\s*/).filter((scope) => scope !== '')
  // `2026-12-24 10:00:00 UTC`
  const ends = Date.parse(headers['github-authentication-token-expiration'] ?? '')
  const expires_at = Number.isNaN(ends) ? null : ends
  return { source, scopes: scopes ?? null, granted: credentials.granted(), expires_at }
}

function dateOf({ headers }: Reply): number | null {
  const date = Date.parse(headers['date'] ?? '')
  return Number.isNaN(date) ? null : date
}

async function orNull<T>(asking: Promise<T>): Promise<T | null> {
  return await asking.catch((error: unknown) => {
    if (error instanceof Failure && error.details['status'] === 404) return null
    throw error
  })
}

/** Tokens of installations, and the one of a running workflow, may not ask who they are. */
async function loginOf(
  credentials: Credentials,
  get: GitHubClient['get'],
  repository: () => Promise<Repository>,
): Promise<string | null> {
  if (credentials.kind === 'app') return await credentials.login(await repository())
  const answer = await get<{ login?: unknown }>('GET /user').catch((error: unknown) => {
    // A limit is told with the same status, and says nothing about who asks.
    if (
      error instanceof Failure &&
      error.code === 'not_permitted' &&
      error.details['status'] === 403
    )
      return null
    throw error
  })
  return typeof answer?.data.login === 'string' ? answer.data.login : null
}

/** Asked for when it is needed and then kept; what failed is asked for again. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    if (!made) {
      const value = make()
      made = { value }
      if (value instanceof Promise) value.catch(() => (made = undefined))
    }
    return made.value
  }
}
