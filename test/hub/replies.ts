import { createHash } from 'node:crypto'
import { holderOf, type Exchange, type ServerParts } from './exchange.ts'
import type { HubAnswer } from './operation.ts'
import type { Reply } from './send.ts'

/** An answer on the wire: with its tag and its pages, or that nothing changed. */
export function replyOf(parts: ServerParts, one: Exchange, answer: HubAnswer): Reply {
  const { 'x-hub-pages': pages, ...headers } = answer.headers ?? {}
  const link = pages === undefined ? {} : linkHeader(one, parts, pages)
  if (answer.body === undefined) {
    return { status: answer.status, headers: { ...headers, ...link }, bytes: null }
  }
  const reply = json(answer.status, answer.body, { ...headers, ...link })
  if (one.method !== 'GET' || answer.status !== 200) return reply
  const etag = etagOf(one, reply)
  const unchanged = one.headers['if-none-match'] === etag
  return unchanged
    ? { status: 304, headers: { etag, ...link }, bytes: null }
    : { ...reply, headers: { ...reply.headers, etag } }
}

/** Another token, Accept or version has another tag for the same content, as at GitHub. */
function etagOf(one: Exchange, { bytes }: Reply): string {
  const identity = [one.token, one.headers['accept'], one.version].join('\n')
  const hash = createHash('sha256')
    .update(identity)
    .update(bytes ?? '')
  return `W/"${hash.digest('hex')}"`
}

function linkHeader(one: Exchange, { core }: ServerParts, pages: string): Record<string, string> {
  const [number = 1, last = 1] = pages.split('/').map(Number)
  const to = (page: number, rel: string) => {
    const query = new URLSearchParams(one.query)
    query.set('page', String(page))
    return `<${core.apiUrl}${one.path}?${query.toString()}>; rel="${rel}"`
  }
  const links = [
    ...(number > 1 ? [to(number - 1, 'prev')] : []),
    ...(number < last ? [to(number + 1, 'next'), to(last, 'last')] : []),
    ...(number > 1 ? [to(1, 'first')] : []),
  ]
  return links.length === 0 ? {} : { link: links.join(', ') }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    bytes: Buffer.from(JSON.stringify(body)),
  }
}

/** The headers of every answer. */
export function dressed(
  { core, limits, settings }: ServerParts,
  one: Exchange,
  reply: Reply,
): Reply {
  const now = core.clock.now()
  const limited = core.host === 'ghes' ? {} : limits.headers(holderOf(one), now)
  const scopes = settings.scopes === null ? {} : { 'x-oauth-scopes': settings.scopes.join(', ') }
  return {
    ...reply,
    headers: {
      date: new Date(now).toUTCString(),
      'x-github-request-id': one.record.path.length.toString(16).padStart(8, '0'),
      'x-github-media-type': 'github.v3; format=json',
      'x-github-api-version-selected': one.version,
      ...limited,
      ...(one.caller === null ? {} : scopes),
      ...(one.accepts === null ? {} : { 'x-accepted-github-permissions': one.accepts }),
      ...reply.headers,
    },
  }
}
