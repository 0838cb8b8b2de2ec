import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { faultPlan } from './faults.ts'
import type { Fault, RecordedRequest } from './hub.ts'
import { sendWithFault, type Reply } from './send.ts'

/** How long a signed address holds, on the hub's clock: a minute, as GitHub's. */
const lifetime = 60_000

interface Blob {
  content: Uint8Array
  type: string
  filename: string | undefined
  signature: string
  until: number
}

/**
 * The second origin, where GitHub keeps logs: it knows signed addresses and no tokens, and refuses a
 * request that carries one, as the real one does.
 */
export interface BlobStore {
  serve: (content: Uint8Array, options: { type: string; filename?: string }) => string
  listen(): Promise<void>
  close(): Promise<void>
}

export function createBlobStore(hub: {
  now: () => number
  faults: Fault[]
  record: (request: RecordedRequest) => void
}): BlobStore {
  const blobs = new Map<string, Blob>()
  const faultsOf = faultPlan(hub.faults)
  let origin = ''

  const replyTo = (request: IncomingMessage): Reply => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in')
    const blob = blobs.get(pathname)
    if (request.headers.authorization !== undefined)
      return refusal(400, 'InvalidAuthenticationInfo')
    if (blob === undefined) return refusal(404, 'BlobNotFound')
    if (searchParams.get('sig') !== blob.signature) return refusal(403, 'AuthenticationFailed')
    if (hub.now() > blob.until) return refusal(403, 'AuthenticationFailed')
    return contentOf(blob, request.headers.range)
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '/'
    const method = request.method ?? 'GET'
    response.sendDate = false
    const status = await sendWithFault(
      response,
      faultsOf(method, path).answer,
      async () => replyTo(request),
      (reply) => reply,
    )
    const headers = request.headers as Record<string, string>
    hub.record({ method, path, status, counted: false, login: null, headers, body: undefined })
  }

  const server = createServer((request, response) => void answer(request, response))
  return {
    serve(content, { type, filename }) {
      const path = `/blobs/${randomBytes(8).toString('hex')}`
      const signature = randomBytes(16).toString('hex')
      blobs.set(path, { content, type, filename, signature, until: hub.now() + lifetime })
      return `${origin}${path}?sig=${signature}`
    },
    listen: () =>
      new Promise((resolve) => {
        server.listen(0, '127.0.0.1', () => {
          const address = server.address()
          if (address !== null && typeof address === 'object')
            origin = `http://127.0.0.1:${address.port}`
          resolve()
        })
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function contentOf({ content, type, filename }: Blob, range: string | undefined): Reply {
  const headers: Record<string, string> = { 'content-type': type, 'accept-ranges': 'bytes' }
  if (filename !== undefined) headers['content-disposition'] = `attachment; filename="${filename}"`
  const wanted = /^bytes=(\d*)-(\d*)$/.exec(range ?? '')
  if (wanted === null) return { status: 200, headers, bytes: content }
  const [, first = '', last = ''] = wanted
  const size = content.length
  // `-500` is the last 500 bytes.
  const begin = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(size - 1, Number(last))
  if (begin > end) {
    return { status: 416, headers: { 'content-range': `bytes */${size}` }, bytes: null }
  }
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${begin}-${end}/${size}` },
    bytes: content.subarray(begin, end + 1),
  }
}

function refusal(status: number, code: string): Reply {
  const text = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code></Error>`
  return { status, headers: { 'content-type': 'application/xml' }, bytes: Buffer.from(text) }
}
