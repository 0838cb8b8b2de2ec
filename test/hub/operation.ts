import type { Fault, HubClock, HubOptions, HubSettings } from './hub.ts'

/**
 * One operation of GitHub's REST API, as the stand-in answers it. The server checks the request and the
 * answer against GitHub's description, so a handler only has to be right, not careful.
 */
export interface Operation {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** The template in GitHub's description, `/repos/{owner}/{repo}/actions/runs/{run_id}`. */
  path: string
  /** What a token needs, such as `actions=write`; refused with it in X-Accepted-GitHub-Permissions. */
  permission?: string
  /** Asked by an App with its own key, not with a token. */
  auth?: 'app'
  handle(request: HubRequest): HubAnswer | Promise<HubAnswer>
}

export interface HubRequest {
  /** The variables of the template, decoded. */
  params: Readonly<Record<string, string>>
  query: URLSearchParams
  /** The JSON body; `{}` without one. */
  body: Readonly<Record<string, unknown>>
  caller: Caller
  apiVersion: '2022-11-28' | '2026-03-10'
  /** A planned fault of this kind that belongs to this request, used up by asking for it. */
  fault<T extends StatefulFault['type']>(type: T): Extract<StatefulFault, { type: T }> | null
}

/** Faults that change what happens, not only what is answered: the dispatch handler asks for them. */
export type StatefulFault = Extract<
  Fault['kind'],
  { type: 'no_run' } | { type: 'hide_run' } | { type: 'duplicate_run' }
>

export interface Caller {
  login: string
  /** `bot` for an installation or Actions' own token, `app` for an App with its key. */
  kind: 'user' | 'bot' | 'app'
  permissions: 'write' | 'read'
  /** The token `settings.missingPermissions` is about. */
  machine?: boolean
}

export interface HubAnswer {
  status: number
  /** Sent as JSON; nothing is sent for `undefined`. */
  body?: unknown
  headers?: Record<string, string>
}

/** What handlers share: the stand-in without its server. */
export interface HubCore {
  readonly options: HubOptions
  readonly host: 'github.com' | 'ghes'
  readonly owner: string
  readonly name: string
  /** The bare repository. */
  readonly git: string
  /** Both are known once the server listens, before the first request. */
  readonly apiUrl: string
  readonly webUrl: string
  readonly clock: HubTimers
  readonly settings: HubSettings
  /** A number nobody had before. */
  nextId(): number
  /** Another token of a login; of a job, `github-actions[bot]`. `revoke` ends it. */
  issueToken(login: string, permissions?: 'write' | 'read'): string
  revokeToken: (token: string) => void
  /** What a login may do here; null for a login nobody made. */
  permissionsOf(login: string): 'write' | 'read' | null
  /** Serves bytes on the second origin for a minute of the hub's time; gives the signed address. */
  serve: (content: Uint8Array, options: { type: string; filename?: string }) => string
  /** GitHub writes a check run per job. */
  addCheckRun(check: NewCheckRun): number
  updateCheckRun(id: number, change: Partial<NewCheckRun>): void
  /** Called when the stand-in closes: ends processes, removes directories. */
  onClose(end: () => void | Promise<void>): void
}

export interface HubTimers extends HubClock {
  /** ISO 8601 with seconds, as GitHub writes times. */
  iso(time?: number): string
  /** Calls at that time of the hub, at once if it is past; gives a function that calls it off. */
  at(time: number, act: () => void | Promise<void>): () => void
  /** Work in real time that `advance` has to wait for before the clock moves on. */
  during<T>(work: Promise<T>): Promise<T>
}

export interface NewCheckRun {
  sha: string
  name: string
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: string | null
  startedAt: number
  completedAt: number | null
  /** Where a person looks at it. */
  url?: string
}

/** Thrown by a handler: answered as GitHub does. */
export class HubError extends Error {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly headers: Record<string, string>

  constructor(
    status: number,
    message: string,
    more: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ) {
    super(message)
    this.status = status
    this.headers = headers
    this.body = {
      message,
      documentation_url: 'https://docs.github.com/rest',
      status: String(status),
      ...more,
    }
  }
}

/** An operation that only reads. */
export function reading(path: string, permission: string, handle: Operation['handle']): Operation {
  return { method: 'GET', path, permission, handle }
}

/** 200 with a body. */
export function ok(body: unknown): HubAnswer {
  return { status: 200, body }
}

export function notFound(): HubError {
  return new HubError(404, 'Not Found')
}

/** The page that was asked for, with a `Link` header; `key` puts the list in an object with its total. */
export function page(request: HubRequest, items: readonly unknown[], key?: string): HubAnswer {
  const size = Math.min(100, positive(request.query.get('per_page'), 30))
  const number = positive(request.query.get('page'), 1)
  const part = items.slice((number - 1) * size, number * size)
  const body = key === undefined ? part : { total_count: items.length, [key]: part }
  // The server makes the addresses of the Link header: it knows the one that was asked for.
  return {
    status: 200,
    body,
    headers: { 'x-hub-pages': `${number}/${Math.ceil(items.length / size)}` },
  }
}

function positive(text: string | null, otherwise: number): number {
  const value = Number(text ?? otherwise)
  return Number.isSafeInteger(value) && value > 0 ? value : otherwise
}
