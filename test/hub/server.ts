import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { admit } from './admit.ts'
import type { Description } from './description.ts'
import { holderOf, openExchange, type Exchange, type ServerParts } from './exchange.ts'
import { faultPlan } from './faults.ts'
import { HubError, type HubAnswer, type HubRequest, type Operation } from './operation.ts'
import { dressed, json, replyOf } from './replies.ts'
import { router, type Route } from './routes.ts'
import { readBody, sendWithFault, type Reply } from './send.ts'

export interface RestServer {
  listen(): Promise<number>
  close(): Promise<void>
}

/** The REST API over HTTP: these operations, with everything that GitHub does around them. */
export function createRestServer(parts: ServerParts, operations: readonly Operation[]): RestServer {
  const find = router(operations)
  const faultsOf = faultPlan(parts.faults)
  const server = createServer((request, response) => {
    exchange(parts, find, faultsOf, { request, response }).catch((error: unknown) => {
      parts.violations.push(`the stand-in failed: ${String(error)}`)
      response.destroy()
    })
  })
  return {
    listen: () =>
      new Promise((resolve) => {
        server.listen(0, '127.0.0.1', () => {
          const address = server.address()
          resolve(typeof address === 'object' && address !== null ? address.port : 0)
        })
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Find = ReturnType<typeof router>

async function exchange(
  parts: ServerParts,
  find: Find,
  faultsOf: ReturnType<typeof faultPlan>,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  response.sendDate = false
  const text = await readBody(request)
  const one = openExchange(parts, faultsOf, request, text)
  parts.requests.push(one.record)
  const dress = (reply: Reply) => dressed(parts, one, reply)
  one.record.status = await sendWithFault(
    response,
    one.faults.answer,
    async () => dress(await carryOut(parts, find, one)),
    dress,
  )
}

async function carryOut(parts: ServerParts, find: Find, one: Exchange): Promise<Reply> {
  const reply = await attempt(parts, find, one)
  const isLimited = reply.status === 403 && one.limited
  one.record.counted = reply.status !== 304 && one.path !== '/rate_limit' && !isLimited
  if (one.record.counted) parts.limits.count(holderOf(one), parts.core.clock.now())
  return reply
}

async function attempt(parts: ServerParts, find: Find, one: Exchange): Promise<Reply> {
  try {
    const route = find(one.method, one.path)
    one.accepts = route?.operation.permission ?? null
    admit(parts, one, route)
    return replyOf(parts, one, await answered(parts, one, route))
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    return json(error.status, error.body, error.headers)
  }
}

async function answered(
  parts: ServerParts,
  one: Exchange,
  route: Route | null,
): Promise<HubAnswer> {
  if (route === null || one.caller === null) throw new HubError(404, 'Not Found')
  const described = parts.describe(one.version)
  const { name, operation, params } = route
  const problems = described.checkRequest(name, { params, query: one.query, body: one.body })
  if (problems.length > 0) throw violated(parts, 422, `${one.method} ${one.target}`, problems)
  const answer = await handled(operation, {
    params,
    query: one.query,
    body: (one.body ?? {}) as Record<string, unknown>,
    caller: one.caller,
    apiVersion: one.version,
    fault: one.faults.take,
  })
  checkAnswer(parts, one, described, { name, status: answer.status, body: answer.body })
  return answer
}

/** What the handler answers, refusals too: they have a shape of their own. */
async function handled(operation: Operation, request: HubRequest): Promise<HubAnswer> {
  try {
    return await operation.handle(request)
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    return { status: error.status, body: error.body, headers: error.headers }
  }
}

function checkAnswer(
  parts: ServerParts,
  one: Exchange,
  described: Description,
  answer: { name: string; status: number; body: unknown },
): void {
  // As it arrives: without what JSON leaves out.
  const sent = answer.body === undefined ? undefined : JSON.parse(JSON.stringify(answer.body))
  const problems = described.checkAnswer(answer.name, answer.status, sent)
  if (problems.length > 0) {
    throw violated(parts, 500, `${one.method} ${one.target} answered ${answer.status}:`, problems)
  }
}

function violated(parts: ServerParts, status: number, what: string, problems: string[]): HubError {
  const text = `${what} ${problems.join('; ')}`
  parts.violations.push(text)
  return new HubError(status, `The stand-in: ${text}`)
}
