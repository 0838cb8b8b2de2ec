import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { createProbe } from '../../../src/adapters/probe/probe.ts'
import type { SmokeRequest, SmokeResult } from '../../../src/ports/probe.ts'
import { answer, dripping, silent, step, useServers, type Received } from './servers.ts'

const servers = useServers()
const probe = createProbe({ now: () => Date.now() })

function smoke(
  baseUrl: string,
  steps: SmokeRequest['steps'],
  more: Partial<SmokeRequest> = {},
): Promise<SmokeResult[]> {
  return probe.smoke({ baseUrl, steps, variables: {}, timeoutMs: 20_000, ...more })
}

/** The only result of a single step against a server that answers with this. */
async function judged(value: unknown, only: Parameters<typeof step>[0]): Promise<SmokeResult> {
  const url = await servers.http((_, response) => answer(response, value))
  const [result] = await smoke(url, [step(only)])
  return result!
}

describe('a suite', () => {
  it('logs in, passes captures on, and reports every step', async () => {
    const seen: Received[] = []
    const url = await servers.http((request, response) => {
      seen.push(request)
      if (request.url === '/login') answer(response, { session: { token: 'tok-12345' } })
      else if (request.method === 'POST') answer(response, { id: 7 }, 201)
      else answer(response, { id: 7, tags: ['a', { b: null }] })
    })
    const progress = vi.fn()
    const steps = [
      step({
        name: 'log in',
        method: 'POST',
        path: '/login',
        body: { password: '{{env.PASSWORD}}' },
        capture: { token: 'session.token' },
      }),
      step({
        name: 'create',
        method: 'POST',
        path: '/items',
        headers: { Authorization: 'Bearer {{token}}', 'Content-Type': 'application/x+json' },
        body: { deep: [{ who: 'by {{ env.USER }}' }] },
        expect: { status: 201 },
        capture: { id: 'id' },
      }),
      step({
        name: 'show',
        path: '/items/{{id}}?by={{env.USER}}',
        body: { id: '{{id}}', text: 'no {{id}}' },
        expect: {
          headers: { 'Content-Type': 'application/json' },
          json: { id: '{{id}}', 'tags.1': { b: null }, 'tags.0': 'a' },
        },
      }),
    ]
    const results = await smoke(`${url}/`, steps, {
      variables: { PASSWORD: 'open sesame', USER: 'R&D/../x' },
      onStep: progress,
    })
    expect(
      results.map(({ name, passed, ran, message, status }) => [name, passed, ran, message, status]),
    ).toEqual([
      ['log in', true, true, 'status 200', 200],
      ['create', true, true, 'status 201', 201],
      ['show', true, true, 'status 200', 200],
    ])
    expect(results[2]!.request).toBe(`GET ${url}/items/{{id}}?by={{env.USER}}`)
    expect(progress.mock.calls).toEqual([
      [1, 3, 'log in'],
      [2, 3, 'create'],
      [3, 3, 'show'],
    ])
    expect(seen.map(({ method, url: path, body }) => [method, path, body])).toEqual([
      ['POST', '/login', '{"password":"open sesame"}'],
      ['POST', '/items', '{"deep":[{"who":"by R&D/../x"}]}'],
      ['GET', '/items/7?by=R%26D%2F..%2Fx', '{"id":7,"text":"no 7"}'],
    ])
    expect(seen[1]!.headers).toMatchObject({
      authorization: 'Bearer tok-12345',
      'content-type': 'application/x+json',
    })
    await vi.waitFor(() => expect(servers.connections()).toBe(0))
  })

  it('stops at the first failure and says so for every later step', async () => {
    const seen: string[] = []
    const url = await servers.http((request, response) => {
      seen.push(request.url)
      answer(response, {}, request.url === '/b' ? 500 : 200)
    })
    const steps = ['a', 'b', 'c', 'd'].map((name) => step({ name, path: `/${name}` }))
    const results = await smoke(url, steps)
    expect(results.map(({ passed, ran, message }) => [passed, ran, message])).toEqual([
      [true, true, 'status 200'],
      [false, true, 'expected status 200, got 500'],
      [false, false, 'not run: b failed'],
      [false, false, 'not run: b failed'],
    ])
    expect(results[2]).toMatchObject({ status: null, duration_ms: 0 })
    expect(seen).toEqual(['/a', '/b'])
  })

  it('has a time limit that ends the step that runs', async () => {
    const url = await servers.tcp(silent)
    const started = performance.now()
    const results = await smoke(url, [step({ name: 'hangs' }), step({ name: 'later' })], {
      timeoutMs: 800,
    })
    expect(performance.now() - started).toBeLessThan(2500)
    expect(results.map(({ ran, message }) => [ran, message])).toEqual([
      [true, expect.stringMatching(/^no answer within [678]\d\d ms$/)],
      [false, 'not run: hangs failed'],
    ])
    await vi.waitFor(() => expect(servers.connections()).toBe(0))
  })

  it('starts nothing once its time is used up', async () => {
    let clock = 0
    const url = await servers.http((_, response) => {
      clock += 1000
      answer(response, {})
    })
    const slow = createProbe({ now: () => clock })
    const results = await slow.smoke({
      baseUrl: url,
      steps: [step({ name: 'a' }), step({ name: 'b' }), step({ name: 'c' })],
      variables: {},
      timeoutMs: 1000,
    })
    expect(results.map(({ ran, message }) => [ran, message])).toEqual([
      [true, 'status 200'],
      [false, 'not run: the time limit of 1000 ms for all steps was reached'],
      [false, 'not run: b failed'],
    ])
  })

  it('ends a dripping answer at the limit of the step', async () => {
    const url = await servers.tcp(dripping)
    const [result] = await smoke(url, [step({ timeout_seconds: 0.8 })])
    expect(result).toMatchObject({
      passed: false,
      ran: true,
      status: null,
      message: 'the answer did not end within 800 ms',
    })
  })

  it('ends when interrupted', async () => {
    const controller = new AbortController()
    const url = await servers.tcp(
      (socket) => void once(socket, 'data').then(() => controller.abort()),
    )
    const results = await smoke(url, [step({ name: 'a' }), step({ name: 'b' })], {
      signal: controller.signal,
    })
    expect(results.map(({ message }) => message)).toEqual(['interrupted', 'not run: a failed'])
    const [never] = await smoke(url, [step({})], { signal: controller.signal })
    expect(never).toMatchObject({ ran: false, message: 'not run: interrupted' })
  })

  it('sends nothing with a value missing or to no URL', async () => {
    let requests = 0
    const url = await servers.http((_, response) => {
      requests++
      answer(response, {})
    })
    const [missing] = await smoke(url, [step({ headers: { x: '{{env.KEY}}' } })])
    expect(missing).toMatchObject({ ran: false, message: 'not run: {{env.KEY}} has no value' })
    const [nowhere] = await smoke('nowhere', [step({})])
    expect(nowhere).toMatchObject({
      ran: false,
      message: 'not run: the base URL is not an http or https URL',
    })
    expect(requests).toBe(0)
  })
})

describe('an expectation', () => {
  it('that is not met is worded with both values', async () => {
    const got = { version: '1.1', count: 3, none: null, list: [1, 2] }
    const result = await judged(got, {
      expect: {
        headers: { 'content-type': 'text/html', 'x-trace': 'on' },
        json: { version: '1.2', count: '3', none: false, 'list.5': 1, toString: 'x', list: [1, 2] },
      },
    })
    expect(result.passed).toBe(false)
    expect(result.message.split('; ')).toEqual([
      'header content-type: expected "text/html", got "application/json"',
      'header x-trace: expected "on", got nothing',
      'JSON field version: expected "1.2", got "1.1"',
      'JSON field count: expected "3", got 3',
      'JSON field none: expected false, got null',
      'JSON field list.5: expected 1, got nothing',
      'JSON field toString: expected "x", got nothing',
    ])
  })

  it('of JSON fails on what is not JSON, and only then', async () => {
    const url = await servers.http((_, response) => response.end('<html>\nwelcome'))
    const html = { passed: false, status: 200, message: 'the answer is not JSON: <html> welcome' }
    expect((await smoke(url, [step({ expect: { json: { a: 1 } } })]))[0]).toMatchObject(html)
    expect((await smoke(url, [step({ capture: { a: 'a' } })]))[0]).toMatchObject(html)
    expect((await smoke(url, [step({})]))[0]).toMatchObject({ passed: true })
    expect(
      (await smoke(url, [step({ method: 'HEAD', expect: { json: { a: 1 } } })]))[0],
    ).toMatchObject({
      message: 'the answer is not JSON: it is empty',
    })
  })

  it('of JSON fails on an answer that is too long or too deep to be read', async () => {
    const bodies: Record<string, string> = {
      '/long': `{"a":1,"b":"${'x'.repeat(1024 * 1024)}"}`,
      '/deep': `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    }
    const url = await servers.http((request, response) => response.end(bodies[request.url]))
    const expectA = { json: { a: 1 } }
    const message = async (path: string) =>
      (await smoke(url, [step({ path, expect: expectA })]))[0]!.message
    expect(await message('/long')).toBe('the answer is longer than 1 MiB and was not read as JSON')
    expect(await message('/deep')).toBe('the answer is nested too deeply to be compared')
    expect((await smoke(url, [step({ path: '/long' })]))[0]!.passed).toBe(true)
  })

  it('shows a received value cut, and without control characters', async () => {
    const evil = `\u001b[31mred\u202e\u0007 \n${'long '.repeat(100)}`
    const { message } = await judged({ a: evil }, { expect: { json: { a: 'x' } } })
    expect(message.length).toBeLessThan(260)
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(message).toMatch(/^JSON field a: expected "x", got "/)
  })

  it('of a capture needs a plain value there', async () => {
    const result = await judged({ a: { b: 1 } }, { capture: { x: 'a', y: 'c', z: 'a.b' } })
    expect(result.message).toBe(
      'nothing to capture as x: JSON field a is not a plain value; nothing to capture as y: JSON field c is not a plain value',
    )
  })
})

it('masks every variable and every captured credential that comes back', async () => {
  const url = await servers.http((request, response) => {
    if (request.url === '/login') return answer(response, { token: 'cap/tured "1"' })
    const zeroWidth = 'hunter2\u200bsecret'
    answer(response, {
      echo: `${request.headers.authorization} hunter2secret ${zeroWidth} cap%2Ftured%20%221%22`,
      padded: `${'x'.repeat(192)}hunter2secret`,
    })
  })
  const steps = [
    step({ name: 'in', path: '/login', capture: { token: 'token' } }),
    step({
      name: 'echo',
      path: '/echo?k={{env.KEY}}',
      headers: { authorization: 'Bearer {{token}}' },
      expect: { json: { echo: '{{env.KEY}}', padded: 'no' } },
    }),
  ]
  const results = await smoke(url, steps, { variables: { KEY: 'hunter2secret', SHORT: '1' } })
  expect(JSON.stringify(results)).not.toMatch(/hunter|tured/)
  expect(results[1]!.message).toContain(
    'JSON field echo: expected "***", got "Bearer *** *** *** ***"',
  )

  const [failing] = await smoke(
    url,
    [
      step({ path: '/login', expect: { json: { token: 'other' } }, capture: { token: 'token' } }),
      ...steps.slice(1),
    ],
    { variables: { KEY: 'hunter2secret' } },
  )
  expect(failing!.message).toBe('JSON field token: expected "other", got "***"')
})

it('does not repeat a header that cannot be sent', async () => {
  const url = await servers.http((_, response) => answer(response, {}))
  const [result] = await smoke(url, [step({ headers: { x: '{{env.KEY}}' } })], {
    variables: { KEY: 'two\nlines' },
  })
  expect(result).toMatchObject({
    passed: false,
    message: 'a header value has characters that cannot be sent',
  })
})
