import { exchange, type HttpAnswer, type HttpRequest, type Way } from './exchange.ts'
import type { Limits } from './limits.ts'

/** An answer, and why a redirect in it was not followed although that was asked for. */
export interface Sent {
  answer: HttpAnswer
  refusal: string | null
  /** What was answered: the last of several when redirects were followed. */
  request: HttpRequest
}

const maxRedirects = 5

/** Sends a request; redirects are followed on the same host only, for headers may carry secrets. */
export async function send(
  original: HttpRequest,
  followRedirects: boolean,
  limits: () => Limits,
  way: Way,
): Promise<Sent> {
  let request = original
  for (let followed = 0; ; followed++) {
    const first = await exchange(request, limits(), way)
    // A kept connection may have been closed meanwhile: that says nothing about the system.
    const isStale = !first.reached && first.stale === true
    const answer = isStale ? await exchange(request, limits(), { ...way, agents: null }) : first
    const location = followRedirects ? redirectOf(answer) : undefined
    if (!answer.reached || location === undefined) return { answer, refusal: null, request }
    const target = URL.parse(location, request.url.href)
    const refusal =
      followed === maxRedirects
        ? `redirected more than ${maxRedirects} times`
        : whyNotTo(target, request.url)
    if (!target || refusal !== null) return { answer, refusal, request }
    request = redirected(request, answer.status, target)
  }
}

/** Where an answer sends whoever asked; undefined when it is no redirect. */
export function redirectOf(answer: HttpAnswer): string | undefined {
  if (!answer.reached || ![301, 302, 303, 307, 308].includes(answer.status)) return undefined
  return answer.headers.location
}

function whyNotTo(target: URL | null, from: URL): string | null {
  if (!target) return 'redirected to something that is not a URL'
  const upgraded = from.protocol === 'http:' && target.protocol === 'https:'
  const safe = target.protocol === from.protocol || upgraded
  if (safe && target.host === from.host) return null
  return `redirected to ${target.protocol}//${target.host}, which is not followed: another host`
}

// As browsers do: 303 always becomes GET, 301 and 302 only turn POST into it.
function redirected(request: HttpRequest, status: number, url: URL): HttpRequest {
  const becomesGet = status === 303 ? request.method !== 'HEAD' : request.method === 'POST'
  if (status > 303 || !becomesGet) return { ...request, url }
  const { 'content-type': _type, 'content-length': _length, ...headers } = request.headers
  return { method: 'GET', url, headers }
}
