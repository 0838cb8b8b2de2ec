import { z } from 'zod'
import { oneLine } from '../../core/text.ts'
import { readChallenges } from './challenge.ts'
import type { Answer, Question } from './exchange.ts'
import { notPermitted, unavailable, unexpected } from './failures.ts'
import type { Found, Login } from './login.ts'
import { whyNotTo, type Place } from './place.ts'

export interface AuthorizeDeps {
  findLogin: () => Promise<Found>
  send: (question: Question) => Promise<Answer & { reached: true }>
  now: () => number
}

/** The header that the registry asked for, and whose login is in it. */
export interface Authorization {
  header: string
  source: string | null
  /** Why there is no login. */
  why: string
}

const maxTokenBytes = 256 * 1024

const tokenAnswer = z.object({ token: z.string().optional(), access_token: z.string().optional() })

/** Answers a 401 in the way the registry names, with the login of this registry if there is one. */
export async function authorize(
  place: Place,
  challenge: string | undefined,
  deps: AuthorizeDeps,
): Promise<Authorization> {
  const challenges = readChallenges(challenge ?? '')
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
  const basic = challenges.find(({ scheme }) => scheme === 'basic')
  if (!bearer && !basic) {
    throw notPermitted(place, 'it wants a way to sign in that gonogo does not know (401)')
  }
  const found = await deps.findLogin()
  const [source, why] = found.login ? [found.login.source, ''] : [null, found.why]
  if (bearer) {
    const header = `Bearer ${await askForToken(place, bearer.parameters, found, deps)}`
    return { header, source, why }
  }
  if (found.login === null) throw notPermitted(place, `it wants a login, and ${why}`)
  if (found.login.kind === 'password') return { header: basicHeader(found.login), source, why }
  throw notPermitted(place, `it wants a password, and ${source} has an identity token`)
}

/**
 * https://distribution.github.io/distribution/spec/auth/token/: the token service is wherever the
 * registry says, so it is looked at whether a password may go there.
 */
async function askForToken(
  place: Place,
  { realm = '', service = '' }: Record<string, string>,
  { login }: Found,
  deps: AuthorizeDeps,
): Promise<string> {
  const url = URL.parse(realm)
  const refusal = url ? whyNotTo(url, place) : 'which is no address'
  if (!url || refusal !== null) {
    const where = oneLine(url ? `${url.protocol}//${url.host}` : realm, 100)
    throw unavailable(place, `names ${where} as its token service, ${refusal}`, false)
  }
  const mayBeLocal = place.isLocal || url.origin === place.origin
  const answer = await deps.send({
    ...tokenQuestion(url, { service, scope: `repository:${place.name}:pull` }, login),
    maxBytes: maxTokenBytes,
    mayBeLocal,
  })
  return tokenOf(place, url, answer, { login, now: deps.now() })
}

/** Asks for reading this one repository, whatever the registry proposes. */
function tokenQuestion(
  url: URL,
  wanted: { service: string; scope: string },
  login: Login | null,
): Pick<Question, 'url' | 'headers' | 'form'> {
  const fields = Object.entries(wanted).filter(([, value]) => value !== '')
  if (login?.kind === 'identity') {
    const grant = { grant_type: 'refresh_token', client_id: 'gonogo', refresh_token: login.secret }
    const form = new URLSearchParams([...fields, ...Object.entries(grant)]).toString()
    return { url, form, headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  }
  const asked = new URL(url)
  for (const [name, value] of fields) asked.searchParams.set(name, value)
  return { url: asked, headers: login ? { authorization: basicHeader(login) } : {} }
}

function tokenOf(
  place: Place,
  url: URL,
  { status, headers, body }: Answer & { reached: true },
  { login, now }: { login: Login | null; now: number },
): string {
  if (status === 401 || status === 403) {
    const whose = login ? `the login from ${login.source}` : 'callers without a login'
    throw notPermitted(place, `its token service ${url.host} refuses ${whose} (${status})`)
  }
  if (status === 429) throw unexpected(place, status, headers['retry-after'], now)
  if (status !== 200) throw unavailable(place, `has a token service that answered ${status}`)
  const parsed = tokenAnswer.safeParse(jsonOf(body))
  const token = parsed.data?.token ?? parsed.data?.access_token ?? ''
  // Anything else would break the header, or show itself in an error about it.
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw unavailable(place, 'has a token service that gave no token', false)
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

function basicHeader({ user, secret }: Login): string {
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
}
