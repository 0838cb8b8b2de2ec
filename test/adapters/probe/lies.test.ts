import { gzipSync } from 'node:zlib'
import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createProbe } from '../../../src/adapters/probe/probe.ts'
import type { SmokeStep } from '../../../src/core/smoke.ts'
import type { SmokeRequest } from '../../../src/ports/probe.ts'
import { createAuthority } from '../../support/certificates.ts'
import { answer, step, useServers } from './servers.ts'

const servers = useServers()
afterEach(() => vi.unstubAllEnvs())

async function told(url: string, steps: SmokeStep[], more: Partial<SmokeRequest> = {}) {
  const request = { baseUrl: url, steps, variables: {}, timeoutMs: 5000, ...more }
  const results = await createProbe({ now: () => performance.now() }).smoke(request)
  return results.map(({ passed, ran, message }) => {
    return `${passed ? 'ok' : ran ? 'FAIL' : 'not run'}: ${message}`
  })
}

/** What becomes of a step that asks a server which says this. */
async function of(
  says: (response: ServerResponse) => void,
  asked: Parameters<typeof step>[0] = {},
): Promise<string | undefined> {
  const url = await servers.http((_request, response) => says(response))
  return (await told(url, [step(asked)]))[0]
}

describe('an ill system under a 200', () => {
  const ill = /^FAIL: the answer has status 200, but says of itself: status /

  test.for([
    ['a word of plain text', 'Degraded'],
    ['a word as JSON', '"Unhealthy"'],
    ['another spelling', '{"status":"Out of Service"}'],
    ['a capital key', '{"Status":"Unhealthy"}'],
    ['a byte order mark', '\ufeff{"status":"degraded"}'],
    ['the colour of a search cluster', '{"cluster_name":"c","status":"red"}'],
  ] as const)('%s', async ([, body]) => {
    expect(await of((response) => response.end(body))).toMatch(ill)
  })

  test('a page or a text that has such a word among others is no health answer', async () => {
    expect(await of((response) => response.end('Degraded service? Call us.'))).toMatch(/^ok/)
  })

  test('in an encoding nobody asked for', async () => {
    const body = gzipSync('{"status":"degraded"}')
    expect(await of(packed('gzip', body))).toMatch(ill)
  })
})

const large = (response: ServerResponse) => response.end(`${'a'.repeat(1_100_000)} Traceback`)

/** A body in an encoding. */
function packed(encoding: string, body: Uint8Array | string) {
  return (response: ServerResponse) =>
    response.writeHead(200, { 'content-encoding': encoding }).end(body)
}

describe('a body that could not be read', () => {
  test('is not known to lack a text', async () => {
    expect(await of(large, { expect: { body_not_contains: ['Traceback'] } })).toBe(
      'FAIL: the answer is longer than 1 MiB: whether it contains "Traceback" is not known',
    )
    expect(await of(packed('own', '????'), { expect: { body_not_contains: ['Traceback'] } })).toBe(
      'FAIL: the answer has the encoding "own", which is not read',
    )
  })

  test('grows no further than any other when it is unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(4 * 1024 * 1024, 'a'))
    expect(await of(packed('gzip', bomb))).toBe(
      'FAIL: the answer has the encoding "gzip", which is not read',
    )
  })
})

test('where a login redirects to is told without what is another one each time', async () => {
  const location = '/login?state=8127#code=tok-1'
  expect(await of((response) => response.writeHead(302, { location }).end())).toBe(
    'FAIL: expected status 200, got 302: a redirect to "/login" is not an answer',
  )
})

test('an inserted value leads to no other path', async () => {
  const asked: string[] = []
  for (const id of ['', '.', '..']) {
    const url = await servers.http((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      answer(response, { id })
    })
    const make = step({ name: 'make', method: 'POST', path: '/notes', capture: { id: 'id' } })
    const remove = step({ name: 'remove', method: 'DELETE', path: '/notes/{{id}}' })
    expect((await told(url, [make, remove]))[1]).toMatch(
      /^not run: not run: what is inserted into \/notes\/\{\{id\}\} leads to another path/,
    )
  }
  expect(new Set(asked)).toEqual(new Set(['POST /notes']))
})

test('a JSON Schema compares with what was inserted', async () => {
  const json_schema = { not: { properties: { id: { const: '{{env.OLD}}' } } } }
  const url = await servers.http((_request, response) => answer(response, { id: 'old-one' }))
  const variables = { OLD: 'old-one' }
  expect((await told(url, [step({ expect: { json_schema } })], { variables }))[0]).toMatch(/^FAIL/)
})

test('certificates are verified, whatever the environment of gonogo says', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  const url = await servers.https(createAuthority().issue(30), (_request, response) =>
    answer(response, {}),
  )
  expect((await told(url, [step({})]))[0]).toMatch(/^FAIL: the certificate/)
})

test('the time of a request ends with its answer, not with its judgement', async () => {
  const properties = Object.fromEntries(
    Array.from({ length: 400 }, (_, index) => [`field${index}`, { type: 'string', minLength: 1 }]),
  )
  const latency = {
    requests: 5,
    concurrency: 1,
    p50_ms: 1000,
    p95_ms: null,
    p99_ms: null,
    max_ms: null,
  }
  const url = await servers.http((_request, response) => answer(response, {}))
  const request = { baseUrl: url, variables: {}, timeoutMs: 20_000 }
  const [result] = await createProbe({ now: () => performance.now() }).smoke({
    ...request,
    steps: [step({ expect: { json_schema: { properties }, latency } })],
  })
  expect(result).toMatchObject({ passed: true, message: 'status 200' })
  expect(result!.latency!.p50_ms * 5).toBeLessThan(result!.duration_ms / 2)
})
