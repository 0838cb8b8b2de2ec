import { createHmac } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Resolve } from '../../../src/adapters/notifier/lookup.ts'
import { createNotifier } from '../../../src/adapters/notifier/notifier.ts'
import type { Way } from '../../../src/adapters/notifier/post.ts'
import { signatureHeaders } from '../../../src/adapters/notifier/sign.ts'
import { messageText, trial } from '../../../src/core/notification.ts'
import type { NotificationTarget } from '../../../src/core/project.ts'
import type { OutboxMessage } from '../../../src/ports/store.ts'
import { useAuthority } from '../../support/certificates.ts'
import { startReceiver } from './receiver.ts'

const target = (changes: Partial<NotificationTarget> = {}): NotificationTarget => ({
  name: 'team',
  kind: 'webhook',
  url_env: 'TEAM_URL',
  secret_env: null,
  hosts: ['127.0.0.1', 'localhost'],
  events: ['approval_requested'],
  ...changes,
})

const message = (payload = messageText(trial('human:ada'), 'clinic', '2030-01-01T00:00:00Z')) =>
  ({
    id: 'msg_1',
    target: 'team',
    event: 'test',
    payload,
    created_at: 0,
    due_at: 0,
    attempts: 1,
    last_error: null,
    delivered_at: null,
    abandoned_at: null,
  }) satisfies OutboxMessage

const notifier = (env: Record<string, string>, way: Partial<Way> = {}, secrets: string[] = []) =>
  createNotifier({ env, now: () => 1_614_265_330_000, secrets: () => secrets, way })

describe('a webhook', () => {
  it('is signed as the published example of Standard Webhooks is', () => {
    const body = '{"test": 2432232314}'
    const signed = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1_614_265_330, body }
    expect(signatureHeaders(signed, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toEqual({
      'webhook-id': signed.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  it('arrives with its id, the moment, and a signature of what is in it', async () => {
    const { url, received } = await startReceiver()
    const secret = 'a plain secret of some length'
    const sent = await notifier({ TEAM_URL: url, TEAM_KEY: secret }).send(
      target({ secret_env: 'TEAM_KEY' }),
      message(),
    )
    expect(sent).toEqual({ delivered: true })
    const [{ method, path, headers, body } = received[0]!] = received
    expect([method, path, headers['content-type']]).toEqual(['POST', '/hook', 'application/json'])
    const text = `msg_1.1614265330.${body}`
    const signature = createHmac('sha256', secret).update(text).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${signature}`)
    expect(JSON.parse(body)).toMatchObject({ schema_version: 1, type: 'test' })
  })

  it.each([
    ['not set', undefined],
    ['too short', 'short'],
    ['empty behind its prefix', 'whsec_'],
  ])('whose secret is %s is not sent unsigned', async (_, secret) => {
    const { url, received } = await startReceiver()
    const env = { TEAM_URL: url, ...(secret && { TEAM_KEY: secret }) }
    const sent = await notifier(env).send(target({ secret_env: 'TEAM_KEY' }), message())
    expect(sent).toMatchObject({
      hopeless: true,
      problem: expect.stringMatching(/^TEAM_KEY, the secret/),
    })
    expect(received).toEqual([])
  })

  it('holds no secret of gonogo, whoever wrote it into a reason', async () => {
    const { url, received } = await startReceiver()
    const notice = { ...trial('human:ada'), facts: { reason: 'use hunter2-hunter2 for it' } }
    const payload = messageText(notice, 'clinic', '2030-01-01T00:00:00Z')
    await notifier({ TEAM_URL: url }, {}, ['hunter2-hunter2']).send(target(), message(payload))
    expect(received[0]?.body).toContain('[redacted]')
    expect(received[0]?.body).not.toContain('hunter2')
  })
})

it('Slack and Teams get their own format, and no signature', async () => {
  const { url, received } = await startReceiver()
  const post = notifier({ TEAM_URL: url })
  await post.send(target({ kind: 'slack' }), message())
  await post.send(target({ kind: 'teams' }), message())
  const [slack, teams] = received.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
  expect(Object.keys(slack ?? {})).toEqual(['text', 'blocks'])
  expect(teams).toMatchObject({ type: 'message' })
  expect(received.some(({ headers }) => 'webhook-id' in headers)).toBe(false)
})

describe('what is never sent', () => {
  it.each([
    ['is not set', '', 'TEAM_URL is not set'],
    ['holds no address', 'nonsense-s3cret', 'TEAM_URL holds no address'],
    ['names another host', 'https://evil.test/s3cret', /leads to evil\.test, which is none of its/],
    ['names another port', 'http://127.0.0.1:1/s3cret', /leads to 127\.0\.0\.1:1, which is none/],
    ['is not on this machine and without https', 'http://hooks.test/s3cret', /without https$/],
    ['is no http', 'file:///s3cret', /no http address$/],
    ['has a user in it', 'https://s3cret:x@hooks.test/', /a user name in it$/],
    ['is of a metadata service', 'https://169.254.169.254/s3cret', /metadata service$/],
    ['is link-local', 'https://[fe80::1]/s3cret', /is link-local$/],
    ['is link-local by another spelling', 'https://2852039166/s3cret', /metadata service$/],
  ])('a message whose address %s', async (_, url, problem) => {
    const hosts = ['hooks.test', '127.0.0.1:9', '169.254.169.254', '[fe80::1]']
    const post = notifier({ TEAM_URL: url })
    const sent = await post.send(target({ hosts }), message())
    expect(sent).toEqual({
      delivered: false,
      hopeless: true,
      problem: expect.stringMatching(problem),
    })
    expect(post.problem(target({ hosts }))).toMatch(problem)
    expect(JSON.stringify(sent)).not.toContain('s3cret')
  })

  it.each([
    ['https', '169.254.169.254', /its name leads to 169\.254\.169\.254, which is an address of a/],
    ['https', 'fe80::1', /which is link-local$/],
    ['http', '10.0.0.1', /10\.0\.0\.1, which is not this machine$/],
  ])('a message over %s to a name that stands for %s', async (protocol, address, problem) => {
    const family = address.includes(':') ? 6 : 4
    const asked: string[] = []
    const resolve: Resolve = (host, _, done) => {
      asked.push(host)
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address, family },
      ])
    }
    const post = notifier({ TEAM_URL: `${protocol}://localhost:9/s3cret` }, { resolve })
    expect(await post.send(target(), message())).toEqual({
      delivered: false,
      hopeless: true,
      problem: expect.stringMatching(problem),
    })
    expect(asked).toEqual(['localhost'])
  })

  it('a row of the store that is no message', async () => {
    const { url, received } = await startReceiver()
    const sent = await notifier({ TEAM_URL: url }).send(target(), message('not json'))
    expect(sent).toMatchObject({ delivered: false, hopeless: true })
    expect(received).toEqual([])
  })
})

describe('an answer', () => {
  it.each([
    [503, false],
    [429, false],
    [404, true],
    [410, true],
  ])('%d is a failure; hopeless: %s', async (status, hopeless) => {
    const { url } = await startReceiver((response) => void response.writeHead(status).end('why'))
    const sent = await notifier({ TEAM_URL: url }).send(target(), message())
    expect(sent).toMatchObject({ delivered: false, hopeless })
  })

  it('that redirects is not followed', async () => {
    const other = await startReceiver()
    const { url } = await startReceiver(
      (response) => void response.writeHead(307, { location: other.url }).end(),
    )
    const sent = await notifier({ TEAM_URL: url }).send(target(), message())
    expect(sent).toMatchObject({ hopeless: true, problem: expect.stringContaining('redirects') })
    expect(other.received).toEqual([])
  })

  it('that does not come, or does not end, is waited for no longer than the limit', async () => {
    const silent = await startReceiver(() => undefined)
    const endless = await startReceiver((response) => {
      response.write('x')
      const timer = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(timer))
    })
    const way = { timeoutMs: 200 }
    for (const { url } of [silent, endless]) {
      const sent = await notifier({ TEAM_URL: url }, way).send(target(), message())
      expect(sent).toMatchObject({ hopeless: false, problem: 'no answer within 0.2 s' })
    }
  })

  it('of any length is read to a limit, and the message counts as delivered', async () => {
    const { url } = await startReceiver((response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        response.once('drain', more)
      }
      more()
    })
    expect(await notifier({ TEAM_URL: url }).send(target(), message())).toEqual({ delivered: true })
  })

  it('of nobody is a failure that quotes no address', async () => {
    const { port } = await startReceiver()
    const url = `http://127.0.0.1:${port === 1024 ? 1025 : 1024}/s3cret`
    const sent = await notifier({ TEAM_URL: url }).send(target(), message())
    expect(sent).toEqual({ delivered: false, hopeless: false, problem: 'connection refused' })
  })
})

/** Shows a certificate until the test ends. */
async function serve(certificate: { key: string; cert: string }): Promise<string> {
  const server = createServer(certificate, (_, response) => void response.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `https://localhost:${(server.address() as AddressInfo).port}/s3cret`
}

describe('https', () => {
  const trusted = useAuthority()

  it('is wanted with a certificate that is trusted', async () => {
    const authority = trusted()
    const good = await serve(authority.issue(30))
    const late = await serve(authority.issue(-1))
    expect(await notifier({ TEAM_URL: good }).send(target(), message())).toEqual({
      delivered: true,
    })
    const sent = await notifier({ TEAM_URL: late }).send(target(), message())
    expect(sent).toMatchObject({ problem: expect.stringContaining('certificate') })
  })
})
