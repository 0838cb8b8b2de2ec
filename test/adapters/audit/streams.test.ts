import { createSocket } from 'node:dgram'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { syslogMessage } from '../../../src/adapters/audit/syslog.ts'
import type { AuditStream } from '../../../src/core/project.ts'
import { auditPolicyFor } from '../../support/audit-log.ts'
import { until } from '../../support/until.ts'
import { event, openLog, temporaryDirectory } from './fixtures.ts'

const host = '127.0.0.1'

function streaming(stream: AuditStream, env: Record<string, string> = {}) {
  const path = join(temporaryDirectory(), 'audit.jsonl')
  const told: string[] = []
  const policy = auditPolicyFor(path, { streams: [stream] })
  const log = openLog(path, { policy, env, tell: (line) => told.push(line) })
  const written = () => readFileSync(path, 'utf8')
  return { log, told, written }
}

async function webhook(answer: number) {
  const requests: { headers: Record<string, unknown>; body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      requests.push({ headers: request.headers, body })
      response.writeHead(answer, { location: 'http://127.0.0.1:1/' }).end()
    })
  }).listen(0, host)
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { requests, url: `http://${host}:${port}/audit` }
}

describe('each line is copied', () => {
  it('to a file', async () => {
    const path = join(temporaryDirectory(), 'copy.jsonl')
    const { log, written } = streaming({ kind: 'file', path })
    await Promise.all([log.append(event()), log.append(event())])
    await log.append(event())
    await until('three lines', () => readIf(path) === written())
    expect((await log.status()).streams).toMatchObject([{ place: path, problem: null }])
  })

  it('to syslog over UDP, one message per line', async () => {
    const socket = createSocket('udp4').bind(0, host)
    onTestFinished(() => void socket.close())
    await once(socket, 'listening')
    const messages: string[] = []
    socket.on('message', (bytes) => messages.push(bytes.toString()))
    const { port } = socket.address()
    const { log, written } = streaming({ kind: 'syslog', host, port, protocol: 'udp' })
    await log.append(event())
    await log.append(event({ success: false }))
    await until('two messages', () => messages.length === 2)
    const [first, second] = messages.toSorted()
    const lines = written().trimEnd().split('\n')
    expect(second).toMatch(/^<109>1 \d{4}-\S+Z \S+ gonogo \d+ promote_to_production - \{/)
    expect(second!.endsWith(lines[0]!)).toBe(true)
    expect(first).toMatch(/^<108>1 /)
  })

  it('to syslog over UDP, whatever becomes of a line that fits no datagram', async () => {
    const socket = createSocket('udp4').bind(0, host)
    onTestFinished(() => void socket.close())
    await once(socket, 'listening')
    const messages: string[] = []
    socket.on('message', (bytes) => messages.push(bytes.toString()))
    const { port } = socket.address()
    const { log, told } = streaming({ kind: 'syslog', host, port, protocol: 'udp' })
    const long = event({ details: { reason: 'x'.repeat(65_100) } })
    const all = [event(), long, ...Array.from({ length: 12 }, () => event())]
    await Promise.all(all.map((each) => log.append(each)))
    await until('the others', () => messages.length === all.length - 1)
    await until('it is told', () => told.length > 0)
    expect(told).toEqual([expect.stringMatching(/is not copied to syslog udp:.*EMSGSIZE/)])
  })

  it('to syslog over TCP, each message after its length', async () => {
    let received = ''
    const server = createTcpServer((socket) => {
      socket.on('data', (bytes) => (received += bytes.toString()))
      socket.on('end', () => socket.end())
    }).listen(0, host)
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { log, written } = streaming({ kind: 'syslog', host, port, protocol: 'tcp' })
    await log.append(event({ user: 'human:\u00e9' }))
    const [line] = written().split('\n')
    await until('the message', () => received.endsWith(line!))
    const [, length, message] = /^(\d+) (.*)$/s.exec(received)!
    expect(Buffer.byteLength(message!)).toBe(Number(length))
  })

  it('to a webhook, signed', async () => {
    const { requests, url } = await webhook(204)
    const stream = { kind: 'webhook', url, secret_env: 'AUDIT_SECRET' } as const
    const { log, written } = streaming(stream, {
      AUDIT_SECRET: `whsec_${Buffer.from('a secret of the test').toString('base64')}`,
    })
    await log.append(event())
    await until('the request', () => requests.length === 1)
    const { headers, body } = requests[0]!
    expect(body).toBe(written())
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
    const mac = createHmac('sha256', 'a secret of the test').update(signed).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${mac}`)
  })
})

describe('a receiver that does not take the lines', () => {
  it.each([
    ['a redirect is not followed', 302, 'it answered 302'],
    ['an error', 500, 'it answered 500'],
  ])('is told once and in the status: %s', async (_, answer, problem) => {
    const { url, requests } = await webhook(answer)
    const { log, told } = streaming({ kind: 'webhook', url, secret_env: null })
    for (let line = 0; line < 3; line++) {
      await log.append(event())
      await until('the request', () => requests.length > line)
    }
    await until('it is told', async () => (await log.status()).streams[0]!.problem === problem)
    expect(told).toEqual([expect.stringContaining(problem)])
    expect(await log.verify()).toMatchObject({ consistent: true, lines: 3 })
  })

  it('is a problem that ends when it takes them again', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'later', 'copy.jsonl')
    const { log } = streaming({ kind: 'file', path })
    await log.append(event())
    const problem = async () => (await log.status()).streams[0]!.problem
    await until('it failed', async () => (await problem())?.includes('ENOENT'))
    mkdirSync(join(directory, 'later'))
    await log.append(event())
    await until('it works', async () => (await problem()) === null)
  })

  it.each([
    ['is missing', undefined, 'AUDIT_SECRET is not set'],
    ['is no base64', 'whsec_-', 'AUDIT_SECRET is shorter than 16 bytes'],
    ['can be guessed', 'secret', 'AUDIT_SECRET is shorter than 16 bytes'],
  ])('is sent nothing when its secret %s', async (_, secret, told) => {
    const { url, requests } = await webhook(200)
    const env = secret === undefined ? {} : { AUDIT_SECRET: secret }
    const { log } = streaming({ kind: 'webhook', url, secret_env: 'AUDIT_SECRET' }, env)
    await log.append(event())
    await until('it is told', async () => (await log.status()).streams[0]!.problem?.includes(told))
    expect(requests).toEqual([])
  })
})

it('names a host and a kind of message without what would break the header', () => {
  expect(syslogMessage('noise', 'a host')).toMatch(/^<109>1 - ahost gonogo \d+ - - noise$/)
  expect(syslogMessage('noise', '')).toMatch(/^<109>1 - - gonogo /)
})

function readIf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
