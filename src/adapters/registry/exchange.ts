import { lookup } from 'node:dns'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { guarded } from './guarded-lookup.ts'
import { networkProblem } from './network-problem.ts'

/** One request, ready to be sent. */
export interface Question {
  url: URL
  headers: Record<string, string>
  /** Sent with POST. */
  form?: string
  maxBytes: number
  /** Whether the name of the host may stand for this machine. */
  mayBeLocal: boolean
}

export type Answer =
  | { reached: true; status: number; headers: http.IncomingHttpHeaders; body: Buffer }
  | { reached: false; problem: string }

/** How requests are sent, and until when. */
export interface Sending {
  /** Proxies, as the environment names them. */
  env: Readonly<Record<string, string | undefined>>
  signal: AbortSignal | undefined
}

/** How long a registry may take for one answer, its body included. */
const answerTimeoutMs = 15_000

/** Sends one request over a connection of its own. Rejects only with the caller's reason to stop. */
export async function exchange(question: Question, { env, signal }: Sending): Promise<Answer> {
  signal?.throwIfAborted()
  const late = AbortSignal.timeout(answerTimeoutMs)
  const either = signal ? AbortSignal.any([late, signal]) : late
  try {
    return await ask(question, env, either)
  } catch (error) {
    signal?.throwIfAborted()
    const problem = late.aborted
      ? `no whole answer within ${answerTimeoutMs / 1000} s`
      : networkProblem(error as NodeJS.ErrnoException)
    return { reached: false, problem }
  }
}

async function ask(question: Question, env: Sending['env'], signal: AbortSignal): Promise<Answer> {
  const { url, headers, form, mayBeLocal } = question
  const isSecure = url.protocol === 'https:'
  const agent = isSecure ? new https.Agent({ proxyEnv: proxies(env) }) : new http.Agent()
  const outgoing = (isSecure ? https : http).request(url, {
    method: form === undefined ? 'GET' : 'POST',
    headers: { 'accept-encoding': 'identity', 'user-agent': 'gonogo', ...headers },
    agent,
    lookup: guarded(lookup, mayBeLocal),
    signal,
    // Of the connection to a proxy, which nothing else ends.
    timeout: answerTimeoutMs + 1000,
  })
  // Stays attached after the end: destroying a request may emit a last error.
  outgoing.on('error', () => undefined)
  try {
    outgoing.end(form)
    // A request that waits for its proxy does not tell that it was stopped.
    const [response] = (await once(outgoing, 'response', { signal })) as [http.IncomingMessage]
    const { statusCode: status = 0 } = response
    const body = await read(response, question.maxBytes)
    return { reached: true, status, headers: response.headers, body }
  } finally {
    outgoing.destroy()
    agent.destroy()
  }
}

async function read(response: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new Error(`an answer of more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Node reads these names in both spellings, and older versions of it not at all. */
function proxies(env: Sending['env']): Record<string, string | undefined> {
  return Object.fromEntries(
    ['https_proxy', 'no_proxy'].map((name) => [name, env[name] ?? env[name.toUpperCase()]]),
  )
}
