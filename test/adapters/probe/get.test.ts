import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { createProbe } from '../../../src/adapters/probe/probe.ts'
import { answer, dripping, drippingHeaders, silent, useServers } from './servers.ts'

const servers = useServers()
const probe = createProbe({ now: () => Date.now() })

/** The problem of a GET that must end within its limit, give or take a busy machine. */
async function problemOf(url: string, timeoutMs = 10_000): Promise<string> {
  const started = performance.now()
  const got = await probe.get(url, { timeoutMs })
  expect(performance.now() - started).toBeLessThan(timeoutMs + 2000)
  if (got.reached) throw new Error(`reached: ${got.status}`)
  return got.problem
}

describe('get', () => {
  it('answers with status, body and time taken', async () => {
    const url = await servers.http((request, response) =>
      answer(response, { path: request.url }, 503),
    )
    expect(await probe.get(`${url}/health?deep=1`, { timeoutMs: 5000 })).toEqual({
      reached: true,
      status: 503,
      body: '{"path":"/health?deep=1"}',
      date: expect.stringMatching(/ GMT$/),
      duration_ms: expect.any(Number),
    })
  })

  it('takes an answer that ends with its connection', async () => {
    const url = await servers.tcp((socket) =>
      socket.on('data', () => socket.end(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(500_000)}`)),
    )
    const got = await probe.get(url, { timeoutMs: 5000 })
    expect(got.reached && got.body.length).toBe(500_000)
  })

  it('does not follow redirects', async () => {
    let requests = 0
    const url = await servers.http((_, response) => {
      requests++
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    expect(await probe.get(url, { timeoutMs: 5000 })).toMatchObject({ status: 302 })
    expect(requests).toBe(1)
  })

  it('ends when nobody answers, at every stage, and keeps no connection', async () => {
    expect(await problemOf(await servers.tcp(silent), 100)).toBe('no answer within 100 ms')
    expect(await problemOf(await servers.tcp(drippingHeaders), 100)).toBe('no answer within 100 ms')
    expect(await problemOf(await servers.tcp(dripping), 100)).toBe(
      'the answer did not end within 100 ms',
    )
    await vi.waitFor(() => expect(servers.connections()).toBe(0))
  })

  it('keeps no connection after a good answer either', async () => {
    const url = await servers.http((_, response) => answer(response, {}))
    await probe.get(url, { timeoutMs: 5000 })
    await vi.waitFor(() => expect(servers.connections()).toBe(0))
  })

  it('reads one MiB of a large answer and hangs up', async () => {
    let sent = 0
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const url = await servers.http((_, response) => {
      const send = () => {
        while (sent < 100 * 1024 * 1024 && !response.destroyed) {
          sent += chunk.length
          if (!response.write(chunk)) return void response.once('drain', send)
        }
        response.end()
      }
      send()
    })
    const got = await probe.get(url, { timeoutMs: 20_000 })
    expect(got).toMatchObject({ reached: true, status: 200 })
    expect(got.reached && got.body.length).toBe(1024 * 1024)
    await vi.waitFor(() => expect(servers.connections()).toBe(0))
    expect(sent).toBeLessThan(50 * 1024 * 1024)
  })

  it.each<[string, string, (socket: Socket) => void]>([
    [
      'resets at once',
      'the connection was reset without an answer',
      (socket) => socket.resetAndDestroy(),
    ],
    [
      'closes without a word',
      'the connection was reset without an answer',
      (socket) => socket.on('data', () => socket.end()),
    ],
    [
      'breaks off',
      'the connection was reset before the answer ended',
      (socket) =>
        socket.on('data', () =>
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf', () => socket.destroy()),
        ),
    ],
    [
      'speaks something else',
      'the answer is not HTTP',
      (socket) => socket.on('data', () => socket.end('SSH-2.0-OpenSSH_9.9\r\n')),
    ],
    [
      'switches protocols',
      'the connection was closed without an answer',
      (socket) =>
        socket.on('data', () =>
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
          ),
        ),
    ],
    [
      'sends endless headers',
      'the answer has too many or too long headers',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nx-long: ${'a'.repeat(100_000)}\r\n`),
    ],
  ])('says so when the other side %s', async (_, problem, handle) => {
    expect(await problemOf(await servers.tcp(handle))).toMatch(problem)
  })

  it('says so when nobody listens, the name is unknown, or it is no URL', async () => {
    const url = await servers.http((_, response) => answer(response, {}))
    const free = `http://127.0.0.1:${Number(new URL(url).port) === 1 ? 2 : 1}/`
    expect(await problemOf(free)).toBe('connection refused')
    expect(await problemOf('not a url')).toBe('not an http or https URL')
    expect(await problemOf('file:///etc/passwd')).toBe('not an http or https URL')
    expect(await problemOf(url.replace('http:', 'https:'))).toMatch(/\S/)
  })

  it('ends when it is interrupted, before or while it waits', async () => {
    const connected = Promise.withResolvers<void>()
    const url = await servers.tcp(
      (socket) => void once(socket, 'data').then(() => connected.resolve()),
    )
    const controller = new AbortController()
    const running = probe.get(url, { timeoutMs: 60_000, signal: controller.signal })
    await connected.promise
    controller.abort()
    expect(await running).toMatchObject({ reached: false, problem: 'interrupted' })
    expect(await probe.get(url, { timeoutMs: 60_000, signal: controller.signal })).toMatchObject({
      problem: 'interrupted',
    })
    await vi.waitFor(() => expect(servers.connections()).toBe(0))
  })
})
