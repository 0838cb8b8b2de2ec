import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net'
import { afterEach } from 'vitest'
import type { HttpExpectation, HttpStep } from '../../../src/core/smoke.ts'
import type { TestCertificate } from '../../support/certificates.ts'
import { httpExpectation, smokeStep } from '../../support/fake-project.ts'

export interface Servers {
  /** An HTTP server; resolves to its base URL. */
  http(handle: (request: Received, response: ServerResponse) => void): Promise<string>
  /** The same over TLS; its URL names the host `localhost`. */
  https(
    certificate: TestCertificate,
    handle: (request: Received, response: ServerResponse) => void,
  ): Promise<string>
  /** A TCP server that talks however it likes. */
  tcp(handle: (socket: Socket) => void): Promise<string>
  /** Connections that are open now. */
  connections(): number
}

export interface Received {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

/** Loopback servers that are closed, with their connections, after the test. */
export function useServers(): Servers {
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    await Promise.all(
      servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
    )
  })
  const listen = async (server: Server) => {
    servers.push(server)
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  return {
    http: (handle) =>
      listen(createHttpServer((request, response) => collect(request, response, handle))),
    https: async (certificate, handle) => {
      const server = createHttpsServer(certificate, (request, response) =>
        collect(request, response, handle),
      )
      const url = await listen(server)
      return url.replace('http://127.0.0.1', 'https://localhost')
    },
    tcp: (handle) => listen(createTcpServer(handle)),
    connections: () => sockets.size,
  }
}

function collect(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: Received, response: ServerResponse) => void,
): void {
  let body = ''
  request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
  request.on('end', () => {
    const { method = '', url = '', headers } = request
    handle({ method, url, headers, body }, response)
  })
}

/** Answers with JSON. */
export function answer(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

/** Accepts and never says a word. */
export function silent(socket: Socket): void {
  socket.resume()
}

/** Sends headers, then a byte now and then, for ever. */
export function dripping(socket: Socket): void {
  socket.resume().write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n')
  const timer = setInterval(() => socket.write(' '), 5)
  socket.on('close', () => clearInterval(timer))
}

/** Sends headers byte by byte, for ever. */
export function drippingHeaders(socket: Socket): void {
  socket.resume().write('HTTP/1.1 200 OK\r\nx-slow: ')
  const timer = setInterval(() => socket.write('a'), 5)
  socket.on('close', () => clearInterval(timer))
}

/** A smoke step with the defaults of the configuration. */
export function step(changes: Omit<Partial<HttpStep>, 'expect'> & StepChanges): HttpStep {
  const { expect, name = 'step', ...rest } = changes
  return smokeStep(name, { path: '/', ...rest, expect: httpExpectation(expect) })
}

interface StepChanges {
  expect?: Partial<HttpExpectation>
}
