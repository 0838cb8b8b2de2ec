/**
 * GitHub's REST API for one repository, as the rest of this folder uses it. A route is a path below
 * `/repos/{owner}/{repo}` (`/actions/runs/{run_id}`), or below the API's root when it begins with
 * `GET ` or another method (`GET /user`); `{name}` is filled from `params`, what is left becomes the
 * query or the body. Numbers under `id` and `*_id` arrive as strings.
 *
 * Failures: `rate_limited` (retryable; `details.retry_at`, milliseconds since the epoch),
 * `pipeline_unavailable` (retryable; no answer, or 5xx), `not_permitted` (401, 403; names the missing
 * permission), `pipeline_refused` (404, 409, 422 and other 4xx). `details.status` is GitHub's status, or
 * null without an answer.
 */
export interface GitHubClient {
  /** Which kind of GitHub this is: they differ in what they can do. */
  readonly host: 'github.com' | 'ghe.com' | 'ghes'
  /** Base URL for people, such as `https://github.com`. */
  readonly webUrl: string
  repository(): Promise<Repository>
  /** Who the token belongs to; null when it does not say (installation tokens, Actions' own token). */
  login(): Promise<string | null>
  /** Asked conditionally and retried; the answer may come from the cache when GitHub says nothing changed. */
  get<T>(route: string, params?: Params): Promise<Answer<T>>
  /** The same, or null when GitHub answers 404. */
  find<T>(route: string, params?: Params): Promise<Answer<T> | null>
  /** All pages, up to `most` items (default 1000); `key` names the list in an answer that is an object. */
  list<T>(route: string, options?: ListOptions): Promise<Listing<T>>
  /**
   * Sends a change once, never again by itself. When it fails, `details.outcome` is `refused` if GitHub
   * said no, and `unknown` if the change may have happened.
   */
  send<T>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    route: string,
    params?: Params,
  ): Promise<Answer<T>>
  /**
   * Opens what a route redirects to, without the token. The body ends with an error when it was cut
   * short. Null when it is gone (404, 410).
   */
  download(route: string, params?: Params, options?: DownloadOptions): Promise<Download | null>
  /**
   * The same client without the answers on disk, for what decides about consent: whoever can write the state
   * directory could have put another text to an answer that has not changed.
   */
  firsthand(): GitHubClient
  /** The same client with somebody else's token, for one act of theirs. */
  as(token: string): GitHubClient
}

export type Params = Readonly<Record<string, unknown>>

export interface Repository {
  owner: string
  name: string
}

export interface Answer<T> {
  status: number
  data: T
  /** GitHub's clock when it answered, milliseconds since the epoch; null when it did not say. */
  date: number | null
  /** What is known of the token that asked. */
  token?: TokenFacts
}

export interface TokenFacts {
  /** Where it comes from, in words; never the token. */
  source: string
  /** Of a classic token; null for others, which do not tell what they may. */
  scopes: string[] | null
  /** Permissions of an App's token (`actions: write`); null for others. */
  granted: Record<string, string> | null
  /** Milliseconds since the epoch; null when GitHub did not say. */
  expires_at: number | null
}

export interface ListOptions {
  params?: Params
  key?: string
  most?: number
}

export interface Listing<T> {
  items: T[]
  /** True when there are more than `most`. */
  truncated: boolean
  date: number | null
}

export interface DownloadOptions {
  /** First and last byte wanted, for servers that can; others send everything. */
  range?: { first: number; last?: number }
  signal?: AbortSignal
}

export interface Download {
  status: number
  /** Bytes to come; null when the server does not say. */
  length: number | null
  /** Size of the whole when only a range was sent; null otherwise. */
  total: number | null
  body: ReadableStream<Uint8Array>
}
