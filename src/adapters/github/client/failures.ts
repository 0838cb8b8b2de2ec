import { Failure, type FailureInit } from '../../../core/failure.ts'
import { oneLine } from '../../../core/text.ts'

/** What was asked, for whoever reads that it failed. */
export interface Asked {
  method: string
  /** Path of the API, without its query. */
  path: string
  /** Where the token came from, in words. */
  source: string
  /** Page where permissions of the token are changed. */
  settings: string
  /** Milliseconds since the epoch. */
  now: number
}

/** An answer that is none of those wanted. */
export interface Refusal {
  status: number
  headers: Readonly<Record<string, string | undefined>>
  data: unknown
}

/**
 * What GitHub answered, as a failure. It is told from status, headers and the fields of the body, never
 * from its prose. GitHub has decided, so a change that is refused did not happen.
 */
export function refusalFailure(asked: Asked, answer: Refusal): Failure {
  const { status } = answer
  const retryAt = limitedUntil(answer, asked.now)
  if (retryAt !== null) return rateLimited(retryAt, status)
  if (status >= 500) return unavailable(asked, `GitHub answered ${status}`, status)
  if (status === 401) return unauthorized(asked)
  if (status === 403) return forbidden(asked, answer)
  if (status >= 300 && status < 400) return moved(asked, status)
  return refused(asked, answer)
}

/** No answer. `sent` is false when GitHub certainly never saw the request. */
export function unanswered(asked: Asked, problem: string, sent: boolean): Failure {
  return unavailable(asked, `GitHub did not answer (${problem})`, null, sent)
}

export function rateLimited(retryAt: number, status: number | null): Failure {
  const until = new Date(retryAt).toISOString().slice(11, 19)
  return new Failure({
    code: 'rate_limited',
    message: `rate limited until ${until} UTC: GitHub takes no more requests of this token before`,
    hint: `call again after ${until} UTC; gonogo doctor shows what is left of the limit`,
    retryable: true,
    details: { status, retry_at: retryAt, outcome: 'refused' },
  })
}

/** GitHub's end within an hour. What claims more is asked again after a day; some is no date at all. */
const longestLimitMs = 24 * 60 * 60_000

/** When a limit ends by this machine's clock; null when the answer is about something else. */
function limitedUntil({ status, headers, data }: Refusal, now: number): number | null {
  if (status !== 403 && status !== 429) return null
  const wait = Number(headers['retry-after'])
  if (headers['retry-after'] !== undefined && wait >= 0)
    return now + Math.min(Math.max(1, wait) * 1000, longestLimitMs)
  const reset = Number(headers['x-ratelimit-reset']) * 1000
  if (headers['x-ratelimit-remaining'] === '0' && reset > 0) {
    // The reset is told by GitHub's clock.
    const skew = now - (Date.parse(headers['date'] ?? '') || now)
    return Math.min(Math.max(now + 1000, reset + skew + 1000), now + longestLimitMs)
  }
  const page = (data as { documentation_url?: unknown } | null)?.documentation_url
  const isLimit = status === 429 || (typeof page === 'string' && page.includes('rate-limit'))
  // GitHub asks for at least a minute where it does not say how long.
  return isLimit ? now + 60_000 : null
}

function unavailable(asked: Asked, what: string, status: number | null, sent = true): Failure {
  return failure(asked, {
    code: 'pipeline_unavailable',
    message: `${what} to ${asked.method} ${asked.path}`,
    hint: 'call again; www.githubstatus.com tells of outages, gonogo doctor of this machine',
    retryable: true,
    details: { status, outcome: sent ? 'unknown' : 'refused' },
  })
}

function unauthorized(asked: Asked): Failure {
  return failure(asked, {
    code: 'not_permitted',
    message: `GitHub does not accept the token from ${asked.source} (401): it is wrong, expired or revoked`,
    hint: `renew it, then: gonogo doctor`,
    details: { status: 401 },
  })
}

function forbidden(asked: Asked, { headers, data }: Refusal): Failure {
  const missing = missingPermissions(headers)
  const sso = /url=(https:\/\/[^\s;]+)/.exec(headers['x-github-sso'] ?? '')?.[1]
  const why = missing === null ? words(data) : `the token lacks ${missing}`
  return failure(asked, {
    code: 'not_permitted',
    message: `GitHub refuses ${asked.method} ${asked.path} (403): ${why}`,
    hint: sso
      ? `authorize the token for the organization: ${oneLine(sso, 300)}`
      : `give the token from ${asked.source} what it lacks: ${asked.settings}`,
    details: { status: 403, missing_permission: missing },
  })
}

/** `actions=write`, or several that would do; null when GitHub names none. */
function missingPermissions(headers: Refusal['headers']): string | null {
  const fine = headers['x-accepted-github-permissions']
  if (fine !== undefined && fine.trim() !== '') return oneLine(alternatives(fine), 200)
  const scopes = headers['x-accepted-oauth-scopes']
  if (scopes === undefined || scopes.trim() === '') return null
  return oneLine(`the scope ${scopes.split(/,\s*/).join(' or ')}`, 200)
}

/** Sets of permissions are separated by `;`, and what is in a set by `,`. */
function alternatives(header: string): string {
  const sets = header.split(/;\s*/).map((set) => set.split(/,\s*/).join(' and '))
  return sets.join(' or ')
}

function moved(asked: Asked, status: number): Failure {
  return failure(asked, {
    code: 'pipeline_refused',
    message: `GitHub did not carry out ${asked.method} ${asked.path}: it names another address (${status}), as after a rename`,
    hint: 'set github.repository to the new name: gonogo config explain github.repository',
    details: { status },
  })
}

function refused(asked: Asked, { status, data }: Refusal): Failure {
  const unseen = status === 404 ? ', or the token may not see it' : ''
  return failure(asked, {
    code: 'pipeline_refused',
    message: `GitHub refuses ${asked.method} ${asked.path} (${status}): ${words(data)}${unseen}`,
    hint: status === 404 ? 'gonogo doctor tells what the token can see' : 'gonogo doctor',
    details: { status },
  })
}

function failure(asked: Asked, init: FailureInit): Failure {
  const { outcome = 'refused', ...details } = init.details ?? {}
  const isRead = asked.method === 'GET' || asked.method === 'HEAD'
  return new Failure({ ...init, details: isRead ? details : { ...details, outcome } })
}

/** GitHub's own words: what is wrong, and with which field. */
function words(data: unknown): string {
  const { message, errors } = (data ?? {}) as { message?: unknown; errors?: unknown }
  const more = Array.isArray(errors) ? errors.map(errorWords).filter((text) => text !== '') : []
  const text = typeof message === 'string' && message !== '' ? message : 'it does not say why'
  return oneLine([text, ...more].join('; '), 300)
}

function errorWords(error: unknown): string {
  if (typeof error === 'string') return error
  const { field, code, message } = (error ?? {}) as Record<string, unknown>
  const parts = [field, code, message].filter((part) => typeof part === 'string')
  return parts.join(' ')
}
