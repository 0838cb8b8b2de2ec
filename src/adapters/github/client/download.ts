import { Failure } from '../../../core/failure.ts'
import { refusalFailure, unanswered, type Asked } from './failures.ts'
import type { Download, DownloadOptions } from './github-client.ts'
import { answerTimeoutMs, isBelow, networkProblem, proxyFor } from './transport.ts'

export interface DownloadDeps {
  apiUrl: string
  env: Readonly<Record<string, string | undefined>>
  token: () => Promise<string>
  /** GitHub did not take the token: true when there is another one now. */
  renew: (token: string) => Promise<boolean>
  userAgent: string
  asked: Asked
}

/** A storage that sends nothing for so long will send nothing more. */
const idleMs = 30_000
const mostHops = 4

/**
 * Opens what an address of the API redirects to. The link is a secret of its own for a minute, and its
 * host is not GitHub's API: it never gets the token.
 */
export async function openDownload(
  deps: DownloadDeps,
  url: string,
  { range, signal }: DownloadOptions = {},
): Promise<Download | null> {
  const headers = range ? { range: `bytes=${range.first}-${range.last ?? ''}` } : {}
  const closing = new AbortController()
  const over = AbortSignal.any([closing.signal, ...(signal ? [signal] : [])])
  try {
    const response = await follow(deps, url, headers, over)
    const { status } = response
    if (status === 200 || status === 206) return opened(response, closing)
    closing.abort()
    if (status === 404 || status === 410) return null
    throw refusalFailure(deps.asked, { status, headers: entries(response), data: null })
  } catch (error) {
    closing.abort()
    if (error instanceof Failure) throw error
    signal?.throwIfAborted()
    throw unanswered(deps.asked, networkProblem(error).problem, true)
  }
}

async function follow(
  deps: DownloadDeps,
  first: string,
  headers: Record<string, string>,
  over: AbortSignal,
): Promise<Response> {
  const dispatcher = proxyFor(deps.env)
  const token = await deps.token()
  let url = first
  for (let hops = 0; ; hops++) {
    const own = isBelow(url, deps.apiUrl)
    const sent = { ...headers, 'user-agent': deps.userAgent, ...(own && authorized(token)) }
    const init = { headers: sent, redirect: 'manual', ...dispatcher } as const
    const response = await headersInTime(url, init, over)
    if (own && response.status === 401 && hops === 0 && (await deps.renew(token))) {
      await response.body?.cancel()
      return await follow(deps, first, headers, over)
    }
    const location = response.headers.get('location')
    if (response.status < 300 || response.status >= 400 || location === null) return response
    await response.body?.cancel()
    url = next(location, url, deps, hops)
  }
}

function authorized(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}`, 'x-github-api-version': '2022-11-28' }
}

async function headersInTime(url: string, init: RequestInit, over: AbortSignal): Promise<Response> {
  const late = new AbortController()
  const timer = setTimeout(
    () => late.abort(new DOMException('late', 'TimeoutError')),
    answerTimeoutMs,
  )
  try {
    return await fetch(url, { ...init, signal: AbortSignal.any([over, late.signal]) })
  } finally {
    clearTimeout(timer)
  }
}

/** Only to where a log can be; in the clear only where the API itself is asked so. */
function next(
  location: string,
  from: string,
  { apiUrl, asked }: DownloadDeps,
  hops: number,
): string {
  const url = URL.parse(location, from)
  const plain = new URL(apiUrl).protocol === 'http:'
  const usable = url?.protocol === 'https:' || (plain && url?.protocol === 'http:')
  if (url && usable && hops < mostHops) return url.href
  throw new Failure({
    code: 'pipeline_refused',
    message: `GitHub redirects ${asked.method} ${asked.path} to where gonogo does not follow`,
    hint: 'gonogo config show github',
    details: { status: 302 },
  })
}

function opened(response: Response, closing: AbortController): Download {
  const { status, headers } = response
  const range = /^bytes \d+-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '')
  return {
    status,
    length: headers.has('content-encoding') ? null : numberOf(headers.get('content-length')),
    total: numberOf(range?.[1] ?? null),
    body: patient(response.body, closing),
  }
}

function numberOf(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text) ? Number(text) : null
}

/** The same bytes, ending with an error when nothing comes any more while somebody waits for them. */
function patient(
  body: ReadableStream<Uint8Array> | null,
  closing: AbortController,
): ReadableStream<Uint8Array> {
  const reader = body?.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const timer = setTimeout(() => closing.abort(new Error('nothing came any more')), idleMs)
        try {
          const part = await reader?.read()
          if (!part || part.done) controller.close()
          else controller.enqueue(part.value)
        } finally {
          clearTimeout(timer)
        }
      },
      async cancel() {
        closing.abort()
      },
    },
    { highWaterMark: 0 },
  )
}

function entries({ headers }: Response): Record<string, string> {
  return Object.fromEntries(headers)
}
