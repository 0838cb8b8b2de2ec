import { describe, expect, it } from 'vitest'
import { createProbe } from '../../../src/adapters/probe/probe.ts'
import type { LatencyRule } from '../../../src/core/smoke.ts'
import type { SmokeRequest, SmokeResult } from '../../../src/ports/probe.ts'
import { release } from '../../support/fake-ports.ts'
import { answer, step, useServers } from './servers.ts'

const servers = useServers()
const probe = createProbe({ now: () => Date.now() })
type Expected = NonNullable<Parameters<typeof step>[0]['expect']>

/** How an answer with this content is judged. */
async function judged(
  value: unknown,
  expected: Expected,
  more: Partial<SmokeRequest> & { status?: number; headers?: Record<string, string> } = {},
): Promise<SmokeResult> {
  const { status = 200, headers = {}, ...request } = more
  const url = await servers.http((_, response) => {
    for (const [name, text] of Object.entries(headers)) response.setHeader(name, text)
    answer(response, value, status)
  })
  const steps = [step({ expect: expected })]
  const [result] = await probe.smoke({
    baseUrl: url,
    steps,
    variables: {},
    timeoutMs: 9000,
    ...request,
  })
  return result!
}

describe('a health endpoint that lies', () => {
  it.each(['degraded', 'unhealthy', 'DOWN', 'fail', 'error', ' Failed '])(
    'is caught: status %j under a 200',
    async (status) => {
      expect(await judged({ status }, {})).toMatchObject({
        passed: false,
        status: 200,
        message: `the answer has status 200, but says of itself: status ${JSON.stringify(status.trim())}`,
      })
    },
  )

  it.each([
    ['healthy', { status: 'healthy' }],
    ['nothing', {}],
    ['a code', { status: 0 }],
    ['a word of its own', { status: 'cancelled' }],
    ['the word elsewhere', { order: { status: 'failed' } }],
    ['no mapping', ['down']],
  ])('is not seen in an answer that says %s', async (_, value) => {
    expect(await judged(value, {})).toMatchObject({ passed: true })
  })

  it('may say so where that is expected', async () => {
    const down = { status: 'down' }
    expect(await judged(down, { json: { status: 'down' } })).toMatchObject({ passed: true })
    expect(await judged(down, { status: 503 }, { status: 503 })).toMatchObject({ passed: true })
  })
})

it('takes any status of a list, and calls no redirect a success', async () => {
  expect(await judged({}, { status: [200, 204] })).toMatchObject({ passed: true })
  expect(await judged({}, { status: [204, 304] })).toMatchObject({
    message: 'expected status 204 or 304, got 200',
  })
  expect(await judged({}, {}, { status: 302, headers: { location: '/login' } })).toMatchObject({
    passed: false,
    message: 'expected status 200, got 302: a redirect to "/login" is not an answer',
  })
})

it('looks for texts in the body, and for texts that must not be there', async () => {
  const expected = { body_contains: ['Ada', 'Bob'], body_not_contains: ['Traceback', 'patient'] }
  expect(await judged({ patient: 'Ada' }, expected)).toMatchObject({
    message: 'the body does not contain "Bob"; the body contains "patient"',
  })
  expect(await judged({ patient: 'Ada' }, { body_contains: ['Ada'] })).toMatchObject({
    passed: true,
  })
})

describe('a JSON Schema', () => {
  const json_schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    required: ['items'],
    properties: {
      items: { type: 'array', minItems: 1, items: { type: 'object', required: ['id'] } },
    },
  }

  it('is met, or the first place where it is not is named', async () => {
    expect(await judged({ items: [{ id: 1 }] }, { json_schema })).toMatchObject({ passed: true })
    expect(await judged({}, { json_schema })).toMatchObject({
      message: "the answer does not meet expect.json_schema: must have required property 'items'",
    })
    expect(await judged({ items: [{ id: 1 }, {}] }, { json_schema })).toMatchObject({
      message:
        "the answer at /items/1 does not meet expect.json_schema: must have required property 'id'",
    })
  })

  it('that is none is the fault of the configuration', async () => {
    const result = await judged({}, { json_schema: { type: 'objekt' } })
    expect(result.message).toMatch(/^expect\.json_schema is not a usable JSON Schema: /)
    const missing = await judged({}, { json_schema: { $ref: 'https://schemas.test/x' } })
    expect(missing.message).toMatch(/^expect\.json_schema is not a usable JSON Schema: /)
  })
})

const build = (commit: unknown) => ({ build: { commit } })

describe('the version', () => {
  const known = { release: release('1'), versionPath: 'build.commit' }

  it('is right when the answer names the release under test', async () => {
    const { sha } = release('1')
    expect(await judged(build(sha), { version: true }, known)).toMatchObject({ passed: true })
    expect(await judged(build('v1'), { version: true }, known)).toMatchObject({ passed: true })
    expect(await judged({ v: '1111111' }, { version: 'v' }, known)).toMatchObject({ passed: true })
    expect(await judged(build('2'.repeat(40)), { version: true }, known)).toMatchObject({
      passed: false,
      message: `version at build.commit: expected v1 (${sha}), got "${'2'.repeat(40)}"`,
    })
    expect((await judged({}, { version: true }, known)).message).toContain('got nothing')
  })

  it.each([
    ['nobody knows what runs', { release: null, versionPath: 'v' }, 'gonogo adopt'],
    ['nobody says where it is', { release: release('1'), versionPath: null }, 'version: commit'],
  ])('cannot be compared when %s, so nothing is asked', async (_, request, fix) => {
    const result = await judged({ v: 'v1' }, { version: true }, request)
    expect(result).toMatchObject({ passed: false, ran: false, status: null })
    expect(result.message).toContain(fix)
  })
})

it('captures headers, and says when there is none', async () => {
  const seen: string[] = []
  const url = await servers.http((request, response) => {
    seen.push(request.url)
    response.setHeader('location', '/orders/9?x=1')
    answer(response, {}, request.method === 'POST' ? 201 : 200)
  })
  const steps = [
    step({
      name: 'create',
      method: 'POST',
      expect: { status: 201 },
      capture_headers: { place: 'Location' },
    }),
    step({ name: 'show', path: '/show?of={{place}}' }),
    step({ name: 'etag', capture_headers: { tag: 'etag' } }),
  ]
  const results = await probe.smoke({ baseUrl: url, steps, variables: {}, timeoutMs: 9000 })
  expect(seen[1]).toBe('/show?of=%2Forders%2F9%3Fx%3D1')
  expect(results[2]!.message).toBe('nothing to capture as tag: the answer has no header etag')
})

describe('latency', () => {
  const rule: LatencyRule = {
    requests: 12,
    concurrency: 4,
    p50_ms: null,
    p95_ms: null,
    p99_ms: null,
    max_ms: null,
  }

  async function measured(limits: Partial<LatencyRule>, broken = -1) {
    let requests = 0
    const url = await servers.http((_, response) => {
      requests++
      answer(response, {}, requests === broken ? 500 : 200)
    })
    const steps = [step({ expect: { latency: { ...rule, ...limits } } })]
    const [result] = await probe.smoke({ baseUrl: url, steps, variables: {}, timeoutMs: 9000 })
    return { result: result!, requests }
  }

  it('is measured over as many requests as wanted', async () => {
    const { result, requests } = await measured({ max_ms: 5000 })
    expect(requests).toBe(12)
    expect(result).toMatchObject({ passed: true, message: 'status 200' })
    const { p50_ms, p95_ms, p99_ms, max_ms } = result.latency!
    const times = [p50_ms, p95_ms, p99_ms, max_ms]
    expect(result.latency!.requests).toBe(12)
    expect(p50_ms).toBeGreaterThan(0)
    expect(times).toEqual(times.toSorted((left, right) => left - right))
  })

  it('that is too high fails with both numbers', async () => {
    const { result } = await measured({ p50_ms: 0.001 })
    expect(result.passed).toBe(false)
    expect(result.message).toMatch(/^latency p50: at most 0.001 ms wanted, was [\d.]+ ms$/)
    expect(result.latency).toMatchObject({ requests: 12 })
  })

  it('ends at the first answer that is wrong', async () => {
    const { result, requests } = await measured({ max_ms: 5000 }, 3)
    expect(result.passed).toBe(false)
    expect(result.latency).toBeUndefined()
    expect(result.message).toMatch(/^request \d+ of 12: expected status 200, got 500$/)
    expect(requests).toBeLessThan(12)
  })
})
