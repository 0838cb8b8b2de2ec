import { expect, it } from 'vitest'
import { createMask } from '../../../src/adapters/probe/mask.ts'
import { createProbe } from '../../../src/adapters/probe/probe.ts'
import { answer, step, useServers } from './servers.ts'

const servers = useServers()
const probe = createProbe({ now: () => Date.now() })
const secret = 'hunter2/sec ret"é'
const variables = { KEY: secret }

it.each([
  ['itself', secret],
  ['an address', encodeURIComponent(secret)],
  ['an address in small letters', encodeURIComponent(secret).toLowerCase()],
  ['a form', new URLSearchParams({ k: secret }).toString().slice(2)],
  ['JSON', JSON.stringify(secret)],
  ['JSON with escaped slashes', JSON.stringify(secret).replaceAll('/', '\\/')],
  ['base64', Buffer.from(secret).toString('base64')],
  ['base64url', Buffer.from(secret).toString('base64url')],
  ['a header for basic authentication', Buffer.from(`user:${secret}`).toString('base64')],
  ['base64, two bytes later', Buffer.from(`ab${secret}cd`).toString('base64')],
])('a secret is masked as %s', (_, text) => {
  const mask = createMask()
  mask.add(secret)
  const shown = [mask.show(`before ${text} after`), mask.block(`before\n${text}\nafter`, 1000)]
  for (const one of shown) {
    expect(one).toContain('***')
    expect(one).not.toMatch(/hunter|aHVudGVyM|dW50ZXIyL|odW50Z|h1bnRlcj/)
  }
})

it('of a header for basic authentication the parts are masked, too', async () => {
  const url = await servers.http((request, response) => {
    const [, pair = ''] = (request.headers.authorization ?? '').split(' ')
    const [user, word] = Buffer.from(pair, 'base64').toString().split(':')
    answer(response, { user, word, pair })
  })
  const basic = Buffer.from('reception:open-sesame').toString('base64')
  const [result] = await probe.smoke({
    baseUrl: url,
    steps: [
      step({
        headers: { Authorization: `Basic ${basic}` },
        expect: { json: { word: 'x', pair: 'y' } },
      }),
    ],
    variables: {},
    timeoutMs: 9000,
  })
  expect(result!.message).toBe(
    'JSON field word: expected "x", got "***"; JSON field pair: expected "y", got "***"',
  )
})

it('the exchange of a failing step is there on request, without secrets', async () => {
  const url = await servers.http((request, response) => {
    response.setHeader('set-cookie', 'sid=abc123def; HttpOnly')
    response.setHeader('link', '</next?page=2&token=tok-999-link>; rel="next"')
    response.setHeader('x-trace', 'visible\ttrace')
    answer(
      response,
      {
        error: `no \u001b[31m${secret}`,
        access_token: 'tok-999',
        pin_token: 8127,
        path: request.url,
      },
      500,
    )
  })
  const steps = [
    step({ name: 'fine', expect: { status: 500 } }),
    step({
      name: 'fails',
      method: 'POST',
      path: '/orders?k={{env.KEY}}&api_key=tok-999-query',
      headers: { 'X-Api-Key': 'literal-key', accept: 'text/plain' },
      body: { user: 'ada', password: 'literal-word', note: '{{env.KEY}}' },
    }),
  ]
  const request = { baseUrl: url, steps, variables, timeoutMs: 9000 }
  const [fine, fails] = await probe.smoke({ ...request, exchange: true })
  expect(fine!.exchange).toBeUndefined()
  const { request: sent, answer: got } = fails!.exchange!
  const host = new URL(url).host
  expect(sent).toBe(
    [
      'POST /orders?k=***&api_key=*** HTTP/1.1',
      `host: ${host}`,
      'accept-encoding: identity',
      'user-agent: gonogo',
      'content-type: application/json',
      'x-api-key: ***',
      'accept: text/plain',
      'content-length: 69',
      '',
      '{"user":"ada","password":"***","note":"***"}',
    ].join('\n'),
  )
  expect(got).toMatch(/^HTTP\/1\.1 500 Internal Server Error\n/)
  expect(got).toContain('set-cookie: ***\n')
  expect(got).toContain('x-trace: visible\ttrace\n')
  expect(got).toContain('"access_token":"***"')
  expect(got).toContain('"pin_token":"***"')
  expect(got).toContain('link: </next?page=2&token=***')
  expect(got).not.toMatch(/tok-999|\b8127|hunter|\p{Cf}/u)
  expect(got).not.toContain('\u001b')
  const without = await probe.smoke(request)
  expect(without.map(({ exchange }) => exchange)).toEqual([undefined, undefined])
})

it('the exchange is cut, and one without an answer says why', async () => {
  const url = await servers.http((_, response) => answer(response, 'x'.repeat(100_000)))
  const steps = [step({ expect: { status: 201 } })]
  const [long] = await probe.smoke({
    baseUrl: url,
    steps,
    variables,
    timeoutMs: 9000,
    exchange: true,
  })
  expect(long!.exchange!.answer.length).toBeLessThan(8300)
  expect(long!.exchange!.answer).toMatch(/\n… \(cut\)$/)
  const hanging = await servers.tcp((socket) => socket.resume())
  const late = [step({ timeout_seconds: 1 })]
  const [silent] = await probe.smoke({
    baseUrl: hanging,
    steps: late,
    variables,
    timeoutMs: 9000,
    exchange: true,
  })
  expect(silent!.exchange!.answer).toBe('no answer within 1000 ms')
})
