import { expect, test } from 'vitest'
import { runTcpStep } from '../../../../src/adapters/probe/kinds/tcp.ts'
import type { TcpStep } from '../../../../src/core/smoke.ts'
import { until } from '../../../support/until.ts'
import { useAuthority } from '../../../support/certificates.ts'
import { anAttempt, closedPort, listener } from './step-run.ts'
import { tlsFront } from './tls-front.ts'

const trusted = useAuthority()

async function ask(change: Partial<TcpStep>, options: Parameters<typeof anAttempt>[0] = {}) {
  const { run, told } = anAttempt(options)
  const step: TcpStep = {
    kind: 'tcp',
    name: 'port',
    timeout_seconds: 10,
    parallel: false,
    retry: null,
    host: '127.0.0.1',
    port: 1,
    tls: false,
    send: null,
    expect: { contains: null },
    ...change,
  }
  const outcome = await runTcpStep(step, run)
  const { ran, problems } = outcome
  return { ran, passed: ran && problems.length === 0, message: told(outcome) }
}

test('passes when something takes the connection, and closes it', async () => {
  const silent = await listener()
  expect(await ask({ port: silent.port })).toEqual({
    ran: true,
    passed: true,
    message: 'connected',
  })
  await until('the end of the connection', () => silent.open() === 0)
  await silent.close()
})

test('reads what is said first, in as many pieces as it comes', async () => {
  const mail = await listener((socket) => {
    socket.write('220 mail.exa')
    setImmediate(() => socket.write('mple.com ESMTP\r\n'))
  })
  const greeting = await ask({ port: mail.port, expect: { contains: 'example.com ESMTP' } })
  expect(greeting).toMatchObject({ passed: true, message: 'answered with "example.com ESMTP"' })
  await mail.close()
})

test('sends, with values inserted, and judges the answer', async () => {
  const echo = await listener((socket) =>
    socket.on('data', (text) => socket.end(`you: ${text.toString()}`)),
  )
  const options = { variables: { WORD: 'open-sesame' } }
  const sent = { port: echo.port, send: 'hello {{env.WORD}}\r\n' }
  const right = await ask({ ...sent, expect: { contains: 'you: hello' } }, options)
  expect(right).toMatchObject({ passed: true })
  const wrong = await ask({ ...sent, expect: { contains: 'nope' } }, options)
  expect(wrong).toEqual({
    ran: true,
    passed: false,
    message: 'expected an answer with "nope", got you: hello ***',
  })
  await echo.close()
})

test('an endless answer is not read to its end', async () => {
  const endless = await listener((socket) => {
    const more = () => socket.writable && socket.write('x'.repeat(16_384), more)
    more()
  })
  const { passed, message } = await ask({ port: endless.port, expect: { contains: 'y' } })
  expect(passed).toBe(false)
  expect(message).toMatch(/^expected an answer with "y", got xxx/)
  expect(message.length).toBeLessThan(300)
  await endless.close()
})

test('a host that accepts and stays silent fails at the limit where an answer is expected', async () => {
  const silent = await listener()
  const answer = await ask({ port: silent.port, expect: { contains: '220' } }, { timeoutMs: 800 })
  expect(answer).toEqual({
    ran: true,
    passed: false,
    message: 'nothing with "220" came back within 800 ms',
  })
  const shake = await ask({ port: silent.port, tls: true }, { timeoutMs: 800 })
  expect(shake.message).toBe('no answer within 800 ms')
  await until('the end of the connections', () => silent.open() === 0)
  await silent.close()
})

test('nobody there, and somebody who hangs up', async () => {
  expect((await ask({ port: await closedPort() })).message).toBe('connection refused')
  const rude = await listener((socket) => socket.resume().end())
  const answer = await ask({ port: rude.port, expect: { contains: '220' } })
  expect(answer).toEqual({
    ran: true,
    passed: false,
    message: 'expected an answer with "220", got nothing',
  })
  await rude.close()
})

test('TLS with a good certificate passes, and with a bad one fails before anything is sent', async () => {
  const authority = trusted()
  const echo = await listener((socket) => socket.pipe(socket))
  const good = await tlsFront(authority.issue(40), echo.port, 'at once')
  const expired = await tlsFront(authority.issue(-3), echo.port, 'at once')
  const step = { tls: true, send: 'hello', expect: { contains: 'hello' } }
  expect(await ask({ ...step, port: good.port })).toMatchObject({ passed: true })
  expect(await ask({ ...step, port: expired.port })).toEqual({
    ran: true,
    passed: false,
    message: 'the certificate has expired',
  })
  for (const each of [good, expired, echo]) await each.close()
})

test('TLS to a port that speaks something else fails', async () => {
  const plain = await listener((socket) => socket.resume().write('220 hello\r\n'))
  expect(await ask({ port: plain.port, tls: true })).toMatchObject({ ran: true, passed: false })
  await plain.close()
})

test('a host that is not configured is refused and the fix named; one of a variable is configured', async () => {
  const silent = await listener()
  const { port } = silent
  const refused = await ask({ port }, { hosts: [] })
  expect(refused.ran).toBe(false)
  expect(refused.message).toContain(`add "127.0.0.1:${port}" to smoke.allowed_hosts`)
  const named = { host: '{{env.MAIL_HOST}}', port }
  const allowed = await ask(named, { hosts: [], variables: { MAIL_HOST: '127.0.0.1' } })
  expect(allowed.passed).toBe(true)
  const neighbour = await ask(named, { hosts: [], variables: { MAIL_HOST: '169.254.169.254' } })
  expect(neighbour).toMatchObject({ ran: false, passed: false })
  await silent.close()
})

test('an interruption ends it', async () => {
  const silent = await listener()
  const stop = new AbortController()
  const asking = ask({ port: silent.port, expect: { contains: '220' } }, { signal: stop.signal })
  await until('the connection', () => silent.open() === 1)
  stop.abort()
  expect(await asking).toEqual({ ran: false, passed: false, message: 'interrupted' })
  await until('the end of the connection', () => silent.open() === 0)
  await silent.close()
})
