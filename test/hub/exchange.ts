import type { IncomingMessage } from 'node:http'
import { appOf } from './apps.ts'
import type { Description } from './description.ts'
import type { faultPlan, RequestFaults } from './faults.ts'
import type { Fault, HubSettings, RecordedRequest } from './hub.ts'
import type { Limits } from './limits.ts'
import type { Caller, HubCore } from './operation.ts'
import type { Tokens } from './tokens.ts'

export interface ServerParts {
  core: HubCore
  /** `/api/v3`, or nothing. */
  prefix: string
  settings: HubSettings
  tokens: Tokens
  limits: Limits
  faults: Fault[]
  requests: RecordedRequest[]
  violations: string[]
  describe(version: HubVersion): Description
}

export type HubVersion = '2022-11-28' | '2026-03-10'

/** One request on its way through the server. */
export interface Exchange {
  method: string
  /** As it came, with the query; and without the prefix and the query. */
  target: string
  path: string
  query: URLSearchParams
  headers: Record<string, string>
  token: string | null
  caller: Caller | null
  /** `undefined` without a body. */
  body: unknown
  version: HubVersion
  faults: RequestFaults
  record: RecordedRequest
  /** The permission the operation wants. */
  accepts: string | null
  /** True when it was refused because no requests were left. */
  limited: boolean
}

/** Reads what a request is and who asks. */
export function openExchange(
  parts: ServerParts,
  faultsOf: ReturnType<typeof faultPlan>,
  request: IncomingMessage,
  text: string,
): Exchange {
  const method = request.method ?? 'GET'
  const target = request.url ?? '/'
  const [path = '/', search = ''] = target.split('?', 2)
  const headers = request.headers as Record<string, string>
  const [, token = null] = /^(?:bearer|token) (.+)$/i.exec(headers['authorization'] ?? '') ?? []
  const caller = token === null ? null : holderOfToken(parts, token)
  const body = parsed(text)
  const isLater = headers['x-github-api-version'] === '2026-03-10'
  return {
    method,
    target,
    path: path.startsWith(parts.prefix) ? path.slice(parts.prefix.length) : '/outside',
    query: new URLSearchParams(search),
    headers,
    token,
    caller,
    body,
    version: isLater ? '2026-03-10' : '2022-11-28',
    faults: faultsOf(method, target),
    record: {
      method,
      path: target,
      status: 0,
      counted: false,
      login: caller?.login ?? null,
      headers,
      body,
    },
    accepts: null,
    limited: false,
  }
}

function holderOfToken({ core, settings, tokens }: ServerParts, token: string): Caller | null {
  const now = core.clock.now()
  return tokens.holder(token, now) ?? appOf(token, settings.app, now)
}

function parsed(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Whose limit a request is charged to. */
export function holderOf(one: Exchange): string {
  return one.record.login ?? 'anonymous'
}
