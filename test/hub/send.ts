import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { RequestFaults } from './faults.ts'

/** What goes over the wire. */
export interface Reply {
  status: number
  headers: Record<string, string>
  bytes: Uint8Array | null
}

/**
 * Lets happen what was planned for this request around the work itself, and sends the reply. Resolves to
 * the status that was sent, 0 for a connection that was reset.
 */
export async function sendWithFault(
  response: ServerResponse,
  fault: RequestFaults['answer'],
  work: () => Promise<Reply>,
  dress: (reply: Reply) => Reply,
): Promise<number> {
  if (fault?.type === 'reset') return reset(response)
  if (fault?.type === 'delay') await delay(fault.ms, undefined, { ref: false })
  if (fault?.type === 'status') return write(response, dress(planned(fault)))
  const reply = await work()
  if (fault?.type === 'lose_answer') return reset(response)
  if (fault?.type === 'answer_instead') return write(response, dress(planned(fault)))
  if (fault?.type === 'cut') return cut(response, reply, fault.after)
  return write(response, reply)
}

function planned(fault: {
  status: number
  body?: unknown
  headers?: Record<string, string>
}): Reply {
  const body = fault.body ?? { message: `planned fault ${fault.status}` }
  const isText = typeof body === 'string'
  return {
    status: fault.status,
    headers: {
      'content-type': isText ? 'text/html' : 'application/json; charset=utf-8',
      ...fault.headers,
    },
    bytes: Buffer.from(isText ? body : JSON.stringify(body)),
  }
}

function write(response: ServerResponse, { status, headers, bytes }: Reply): number {
  if (response.destroyed) return 0
  const length = bytes === null ? {} : { 'content-length': String(bytes.length) }
  response.writeHead(status, { ...headers, ...length })
  response.end(bytes ?? undefined)
  return status
}

function cut(response: ServerResponse, { status, headers, bytes }: Reply, after: number): number {
  const whole = bytes ?? new Uint8Array()
  response.writeHead(status, { ...headers, 'content-length': String(whole.length) })
  // What was written has to be on its way before the connection goes.
  response.write(whole.subarray(0, after), () => response.destroy())
  return status
}

function reset(response: ServerResponse): number {
  const { socket } = response
  if (socket !== null && 'resetAndDestroy' in socket) socket.resetAndDestroy()
  else response.destroy()
  return 0
}

/** The whole body of a request. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
