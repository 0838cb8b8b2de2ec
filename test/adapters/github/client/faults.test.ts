import type { ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createRuntime } from '../../../../src/adapters/runtime/runtime.ts'
import { failureOf, json, useBench } from './bench.ts'

const bench = useBench()

/** A server that answers with these, one after the other, and counts. */
type Answered = { status: number; headers?: Record<string, string>; body?: unknown } | 'reset'

async function script({ serve }: ReturnType<typeof bench>, answers: Answered[]) {
  const seen: string[] = []
  const url = await serve((request, response) => {
    const answer = answers[Math.min(seen.length, answers.length - 1)]!
    seen.push(String(request.method))
    if (answer === 'reset') request.socket.destroy()
    else json(response, answer.body ?? {}, answer.headers, answer.status)
  })
  return { url, seen }
}

const fine = { status: 200, body: { ok: true } }

describe('reads', () => {
  it.each<[string, Answered]>([
    ['502', { status: 502 }],
    ['503', { status: 503 }],
    ['504', { status: 504 }],
    ['a reset', 'reset'],
    ['half an answer', { status: 200, body: '{"ok":tr' }],
  ])('are asked again after %s, with pauses that grow', async (_, fault) => {
    const one = bench()
    const { url, seen } = await script(one, [fault, fault, fine])
    expect((await one.client(url).get('GET /x')).data).toEqual({ ok: true })
    expect(seen).toHaveLength(3)
    const [first = 0, second = 0] = one.waits
    expect(first).toBeGreaterThanOrEqual(150)
    expect(first).toBeLessThanOrEqual(450)
    expect(second).toBeGreaterThanOrEqual(450)
    expect(one.waits).toHaveLength(2)
  })

  it('end after four tries', async () => {
    const one = bench()
    const { url, seen } = await script(one, [{ status: 502 }])
    const { code, retryable, details } = await failureOf(one.client(url).get('GET /x'))
    expect({ code, retryable, details }).toEqual({
      code: 'pipeline_unavailable',
      retryable: true,
      details: { status: 502 },
    })
    expect(seen).toHaveLength(4)
  })

  it('that get no answer at all are given up within half a minute', async () => {
    const one = bench()
    let time = 0
    const runtime = { ...createRuntime(), now: () => time, sleep: async () => undefined }
    const seen: string[] = []
    const url = await one.serve((request) => {
      seen.push(String(request.method))
      time += 15_000
      request.socket.destroy()
    })
    await failureOf(one.client(url, { runtime }).get('GET /x'))
    expect(seen).toHaveLength(2)
  })

  it.each([
    ['an answer', () => undefined, 0],
    ['the next try', (response: ServerResponse) => response.writeHead(502).end(), 60_000],
  ])('that wait for %s end at once when the process is to end', async (_, answer, pause) => {
    const one = bench()
    const leaving = new AbortController()
    const own = createRuntime()
    const asked = Promise.withResolvers<void>()
    const sleep = async (_ms: number, signal?: AbortSignal) => {
      asked.resolve()
      await own.sleep(pause, signal)
    }
    const url = await one.serve((_request, response) => {
      answer(response)
      if (pause === 0) asked.resolve()
    })
    const runtime = { ...own, sleep }
    const reading = failureOf(one.client(url, { runtime, shutdown: leaving.signal }).get('GET /x'))
    await asked.promise
    leaving.abort(new Error('Ctrl-C'))
    // Long before GitHub's time for an answer is up.
    const late = own.sleep(5000).then(() => 'still waiting')
    expect(await Promise.race([reading, late])).toMatchObject({ code: 'interrupted' })
  })

  it('that take too long in total are not tried again', async () => {
    const one = bench()
    let time = 0
    const runtime = {
      ...createRuntime(),
      now: () => (time += 50_000),
      sleep: async () => undefined,
    }
    const { url, seen } = await script(one, [{ status: 502 }])
    await failureOf(one.client(url, { runtime }).get('GET /x'))
    expect(seen).toHaveLength(1)
  })

  it.each([400, 404, 409, 422, 500])('of %d are not asked again', async (status) => {
    const one = bench()
    const { url, seen } = await script(one, [{ status }])
    await failureOf(one.client(url).get('GET /x'))
    expect(seen).toHaveLength(1)
  })
})

describe('changes', () => {
  it.each<[string, Answered, string]>([
    ['502', { status: 502 }, 'pipeline_unavailable'],
    ['503', { status: 503, headers: { 'retry-after': '1' } }, 'pipeline_unavailable'],
    ['a reset', 'reset', 'pipeline_unavailable'],
    ['half an answer', { status: 200, body: '{"id":' }, 'pipeline_unavailable'],
  ])('are sent once, and after %s nobody knows', async (_, fault, code) => {
    const one = bench()
    const { url, seen } = await script(one, [fault, fine])
    const failure = await failureOf(one.client(url).send('POST', '/x', { a: 1 }))
    expect(failure).toMatchObject({ code, retryable: true, details: { outcome: 'unknown' } })
    expect(seen).toEqual(['POST'])
    expect(one.waits).toEqual([])
  })

  it('that nobody took did not happen', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await new Promise((listening) => closed.once('listening', listening))
    const { port } = closed.address() as { port: number }
    await new Promise((done) => closed.close(done))
    const failure = await failureOf(bench().client(`http://127.0.0.1:${port}`).send('POST', '/x'))
    expect(failure).toMatchObject({
      code: 'pipeline_unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
      details: { status: null, outcome: 'refused' },
    })
  })

  it.each([
    [403, { 'retry-after': '2' }],
    [429, { 'retry-after': '2' }],
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' }],
  ])('that a limit refused (%d %j) are not sent again', async (status, headers) => {
    const one = bench()
    const { url, seen } = await script(one, [{ status, headers }, fine])
    const failure = await failureOf(one.client(url).send('POST', '/x'))
    expect(failure).toMatchObject({ code: 'rate_limited', details: { outcome: 'refused' } })
    expect(seen).toEqual(['POST'])
  })
})

describe('a change that was sent', () => {
  it('is waited for even when the process is to end: it may have happened', async () => {
    const one = bench()
    const leaving = new AbortController()
    const url = await one.serve((_request, response) => {
      leaving.abort(new Error('Ctrl-C'))
      setImmediate(() => json(response, { done: true }))
    })
    const client = one.client(url, { shutdown: leaving.signal })
    expect((await client.send('POST', 'POST /x')).data).toEqual({ done: true })
  })
})

describe('limits', () => {
  const now = Date.parse('2026-03-01T10:00:00Z')
  /** A clock that stands still until somebody waits. */
  function still(waits: number[]) {
    let time = now
    const sleep = async (ms: number) => {
      waits.push(ms)
      time += ms
    }
    return { ...createRuntime(), now: () => time, sleep }
  }

  it('that end soon are waited for', async () => {
    const one = bench()
    const { url } = await script(one, [{ status: 429, headers: { 'retry-after': '7' } }, fine])
    const client = one.client(url, { runtime: still(one.waits) })
    expect((await client.get('GET /x')).data).toEqual({ ok: true })
    expect(one.waits).toEqual([7000])
  })

  it.each<[string, Answered, string]>([
    ['retry-after', { status: 403, headers: { 'retry-after': '90' } }, '10:01:30'],
    ['a day at most', { status: 403, headers: { 'retry-after': '99999999999999' } }, '10:00:00'],
    [
      // Their clock is five minutes behind ours.
      'the reset, by GitHub’s clock',
      {
        status: 403,
        headers: {
          date: new Date(now - 300_000).toUTCString(),
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(now / 1000 + 600),
        },
      },
      '10:15:01',
    ],
    [
      'a secondary limit that does not say how long',
      { status: 403, body: { documentation_url: 'https://docs.test/rest/rate-limits#secondary' } },
      '10:01:00',
    ],
    ['429 alone', { status: 429 }, '10:01:00'],
  ])('are told with their end: %s', async (_, answer, until) => {
    const one = bench()
    const { url, seen } = await script(one, [answer, fine])
    const client = one.client(url, { runtime: still(one.waits) })
    const failure = await failureOf(client.get('GET /x'))
    expect(failure).toMatchObject({ code: 'rate_limited', retryable: true })
    expect(failure.message).toContain(`rate limited until ${until} UTC`)
    const retryAt = Number(failure.details['retry_at'])
    expect(new Date(retryAt).toISOString()).toContain(until)
    // Whoever asks again before gets the same answer, and GitHub no request.
    expect((await failureOf(client.get('GET /other'))).message).toContain(until)
    expect((await failureOf(client.send('POST', '/x'))).details).toMatchObject({
      retry_at: retryAt,
      outcome: 'refused',
    })
    expect(seen).toHaveLength(1)
  })

  it('are over when they are over', async () => {
    const one = bench()
    const runtime = still([])
    const { url } = await script(one, [{ status: 403, headers: { 'retry-after': '90' } }, fine])
    const client = one.client(url, { runtime })
    await failureOf(client.get('GET /x'))
    await runtime.sleep(91_000)
    expect((await client.get('GET /x')).data).toEqual({ ok: true })
  })

  it('a 403 without a limit is a refusal', async () => {
    const one = bench()
    const headers = { 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': '1800000000' }
    const { url } = await script(one, [{ status: 403, headers }])
    expect((await failureOf(one.client(url).get('GET /x'))).code).toBe('not_permitted')
  })
})
