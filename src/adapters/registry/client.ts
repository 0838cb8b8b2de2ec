import type { Runtime } from '../../ports/runtime.ts'
import { authorize, type Authorization } from './authorize.ts'
import { exchange, type Answer, type Question, type Sending } from './exchange.ts'
import { notPermitted, unavailable, unexpected } from './failures.ts'
import { findLogin, type LoginDeps } from './login.ts'
import { whyNotTo, type Place } from './place.ts'

export interface ClientDeps extends Sending, LoginDeps {
  runtime: Pick<Runtime, 'now' | 'sleep'>
}

export interface Got {
  contentType: string
  /** `Docker-Content-Digest`; registries need not send it. */
  digest: string | undefined
  body: Buffer
}

/** Reads from one registry; signs in when it is asked to, once. */
export interface Client {
  /** Null when there is no such thing. */
  get(path: string, options: { accept: string; maxBytes: number }): Promise<Got | null>
}

type Reached = Answer & { reached: true }

const mostHops = 5
const pauseMs = 250

export function createClient(place: Place, deps: ClientDeps): Client {
  let signedIn: Authorization | undefined
  const send = (question: Question) => sendTwice(place, question, deps)
  const signIn = (challenge: string | undefined) => {
    const { now } = deps.runtime
    return authorize(place, challenge, { findLogin: () => findLogin(place, deps), send, now })
  }
  return {
    async get(path, options) {
      const ask = () => follow(place, path, { ...options, signedIn, send })
      let { answer, own } = await ask()
      if (answer.status === 401 && own && !signedIn) {
        signedIn = await signIn(answer.headers['www-authenticate'])
        ;({ answer, own } = await ask())
      }
      return gotOf(place, answer, own ? signedIn : undefined, deps)
    },
  }
}

/** Reading twice changes nothing, and a gate should not fall over one lost connection. */
async function sendTwice(place: Place, question: Question, deps: ClientDeps): Promise<Reached> {
  const first = await exchange(question, deps)
  if (first.reached && ![500, 502, 503, 504].includes(first.status)) return first
  await deps.runtime.sleep(pauseMs, deps.signal)
  const answer = await exchange(question, deps)
  if (answer.reached) return answer
  const { host } = question.url
  const who = question.url.origin === place.origin ? '' : `sends gonogo to ${host}, which `
  throw unavailable(place, `${who}did not answer: ${answer.problem}`)
}

interface Following {
  accept: string
  maxBytes: number
  signedIn: Authorization | undefined
  send: (question: Question) => Promise<Reached>
}

/** Content is often in a storage that a link leads to. Nobody but the registry gets the header. */
async function follow(place: Place, path: string, following: Following) {
  const { accept, maxBytes, signedIn, send } = following
  let url = new URL(path, place.origin)
  for (let hops = 0; ; hops++) {
    const own = url.origin === place.origin
    const headers = { accept, ...(own && signedIn && { authorization: signedIn.header }) }
    const answer = await send({ url, headers, maxBytes, mayBeLocal: own || place.isLocal })
    const { location } = answer.headers
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) {
      return { answer, own }
    }
    const next = URL.parse(location, url.href)
    const objection = next ? whyNotTo(next, place) : 'which is no address'
    // The rest of a link may be a secret for a while.
    const where = next ? `${next.protocol}//${next.host}` : 'something'
    if (!next || objection !== null)
      throw unavailable(place, `redirects to ${where}, ${objection}`, false)
    if (hops === mostHops) throw unavailable(place, `redirects more than ${mostHops} times`, false)
    url = next
  }
}

function gotOf(
  place: Place,
  { status, headers, body }: Reached,
  signedIn: Authorization | undefined,
  { runtime }: ClientDeps,
): Got | null {
  if (status === 404) return null
  if (status === 401 || status === 403) throw notPermitted(place, refusal(status, signedIn))
  if (status !== 200) throw unexpected(place, status, headers['retry-after'], runtime.now())
  const digest = headers['docker-content-digest']
  return {
    contentType: headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '',
    digest: typeof digest === 'string' ? digest : undefined,
    body,
  }
}

/** Many registries answer so about what is not there, too: they do not tell strangers what there is. */
function refusal(status: number, signedIn: Authorization | undefined): string {
  if (!signedIn) return `it refuses callers without a login (${status})`
  if (signedIn.source === null)
    return `it is not there or wants a login (${status}), and ${signedIn.why}`
  if (status === 401 && signedIn.header.startsWith('Basic ')) {
    return `it does not accept the login from ${signedIn.source} (401)`
  }
  return `it is not there, or the login from ${signedIn.source} may not read it (${status})`
}
