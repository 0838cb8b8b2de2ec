import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { createProbe } from '../../../src/adapters/probe/probe.ts'
import type { SmokeRequest } from '../../../src/ports/probe.ts'
import { answer, silent, step, useServers } from './servers.ts'

const servers = useServers()
const probe = createProbe({ now: () => Date.now() })

function smoke(baseUrl: string, request: Partial<SmokeRequest>) {
  return probe.smoke({ baseUrl, steps: [], variables: {}, timeoutMs: 9000, ...request })
}

/** A server that fails the first requests to a path with 503, and what it was asked. */
async function warmingUp(failures: Record<string, number>) {
  const seen: string[] = []
  const left = { ...failures }
  const url = await servers.http((request, response) => {
    seen.push(request.url)
    const more = (left[request.url] ?? 0) > 0
    if (more) left[request.url]! -= 1
    answer(response, { id: 7 }, more ? 503 : 200)
  })
  return { url, seen }
}

describe('a retry', () => {
  it('that helps is told as flaky, with the count', async () => {
    const { url, seen } = await warmingUp({ '/a': 2 })
    const retry = { attempts: 5, delay_seconds: 0 }
    const [first, second] = await smoke(url, {
      steps: [step({ name: 'a', path: '/a', retry }), step({ name: 'b', path: '/b', retry })],
    })
    expect(first).toMatchObject({
      passed: true,
      attempts: 3,
      flaky: true,
      message: 'status 200, at attempt 3',
    })
    expect(second).toMatchObject({ passed: true, attempts: 1, flaky: false, message: 'status 200' })
    expect(seen).toEqual(['/a', '/a', '/a', '/b'])
  })

  it('happens only where a step says so, and ends', async () => {
    const { url, seen } = await warmingUp({ '/a': 9, '/b': 9 })
    const single = await smoke(url, { steps: [step({ path: '/a' })] })
    expect(single[0]).toMatchObject({ passed: false, attempts: 1, flaky: false })
    const retry = { attempts: 3, delay_seconds: 0 }
    const [result] = await smoke(url, { steps: [step({ path: '/b', retry })] })
    expect(result).toMatchObject({
      passed: false,
      attempts: 3,
      flaky: false,
      message: 'expected status 200, got 503 (after 3 attempts)',
    })
    expect(seen).toHaveLength(4)
  })

  it('does not wait past the limit of the run, nor when interrupted', async () => {
    const { url } = await warmingUp({ '/a': 9 })
    const steps = [step({ path: '/a', retry: { attempts: 5, delay_seconds: 60 } })]
    const started = performance.now()
    const [late] = await smoke(url, { steps, timeoutMs: 2000 })
    expect(late).toMatchObject({ passed: false, attempts: 1 })
    const controller = new AbortController()
    const running = smoke(url, { steps, timeoutMs: 600_000, signal: controller.signal })
    setTimeout(() => controller.abort(), 30)
    expect((await running)[0]).toMatchObject({ passed: false, attempts: 1 })
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

describe('parallel steps', () => {
  it('run at the same time, as many as allowed, and results keep their order', async () => {
    let [now, most] = [0, 0]
    const waiting: (() => void)[] = []
    const url = await servers.http((request, response) => {
      most = Math.max(most, ++now)
      const go = () => {
        now--
        answer(response, {})
      }
      if (request.url === '/alone') return go()
      waiting.push(go)
      if (waiting.length === 3) for (const each of waiting.splice(0).toReversed()) each()
    })
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const steps = [
      step({ name: 'alone', path: '/alone' }),
      ...names.map((name) => step({ name, parallel: true })),
    ]
    const results = await smoke(url, { steps, concurrency: 3 })
    expect(results.map(({ name, passed }) => [name, passed])).toEqual(
      ['alone', ...names].map((name) => [name, true]),
    )
    expect(most).toBe(3)
  })

  it('all end before a failure among them ends the run', async () => {
    const { url, seen } = await warmingUp({ '/b': 1 })
    const parallel = ['a', 'b', 'c'].map((name) => step({ name, path: `/${name}`, parallel: true }))
    const results = await smoke(url, {
      steps: [...parallel, step({ name: 'later' })],
      concurrency: 1,
    })
    expect(results.map(({ passed, ran, message }) => [passed, ran, message])).toEqual([
      [true, true, 'status 200'],
      [false, true, 'expected status 200, got 503'],
      [true, true, 'status 200'],
      [false, false, 'not run: b failed'],
    ])
    expect(seen).toEqual(['/a', '/b', '/c'])
  })

  it('see what was captured before them, and hand on to those after them', async () => {
    const { url, seen } = await warmingUp({})
    const steps = [
      step({ name: 'a', path: '/a', parallel: true, capture: { id: 'id' } }),
      step({ name: 'b', path: '/b/{{id}}', parallel: true }),
    ]
    const [, second] = await smoke(url, { steps, concurrency: 1 })
    expect(second).toMatchObject({ ran: false, message: 'not run: {{id}} has no value' })
    const after = [steps[0]!, step({ name: 'b', path: '/b/{{id}}' })]
    expect((await smoke(url, { steps: after }))[1]).toMatchObject({ passed: true })
    expect(seen.at(-1)).toBe('/b/7')
  })
})

describe('setup and teardown', () => {
  it('stand around the suite, and the teardown sees what was captured', async () => {
    const { url, seen } = await warmingUp({})
    const results = await smoke(url, {
      setup: [step({ name: 'make', path: '/make', capture: { id: 'id' } })],
      steps: [step({ name: 'use', path: '/use/{{id}}' })],
      teardown: [step({ name: 'remove', path: '/remove/{{id}}' })],
    })
    expect(results.map(({ name, phase, passed }) => [name, phase, passed])).toEqual([
      ['make', 'setup', true],
      ['use', 'test', true],
      ['remove', 'teardown', true],
    ])
    expect(seen).toEqual(['/make', '/use/7', '/remove/7'])
  })

  it('the teardown runs after a failure, each of its steps for itself', async () => {
    const { url, seen } = await warmingUp({ '/use': 1, '/one': 1 })
    const results = await smoke(url, {
      setup: [step({ name: 'use', path: '/use' })],
      steps: [step({ name: 'test', path: '/test' })],
      teardown: [step({ name: 'one', path: '/one' }), step({ name: 'two', path: '/two' })],
    })
    expect(results.map(({ passed, message }) => [passed, message])).toEqual([
      [false, 'expected status 200, got 503'],
      [false, 'not run: use failed'],
      [false, 'expected status 200, got 503'],
      [true, 'status 200'],
    ])
    expect(seen).toEqual(['/use', '/one', '/two'])
  })

  it('the teardown runs after an interruption, also by the end of the process', async () => {
    for (const by of ['signal', 'shutdown'] as const) {
      const controller = new AbortController()
      const cleared = vi.fn()
      const url = await servers.http((request, response) => {
        if (request.url === '/hangs') return controller.abort()
        cleared()
        answer(response, {})
      })
      const own = {
        now: () => Date.now(),
        ...(by === 'shutdown' && { shutdown: controller.signal }),
      }
      const results = await createProbe(own).smoke({
        baseUrl: url,
        steps: [step({ name: 'hangs', path: '/hangs' }), step({ name: 'later' })],
        teardown: [step({ name: 'clear' })],
        variables: {},
        timeoutMs: 9000,
        ...(by === 'signal' && { signal: controller.signal }),
      })
      expect(results.map(({ message }) => message)).toEqual([
        'interrupted',
        'not run: hangs failed',
        'status 200',
      ])
      expect(cleared).toHaveBeenCalledOnce()
    }
  })

  it('the teardown has a limit of its own, and does nothing where nothing was done', async () => {
    const url = await servers.tcp(silent)
    const teardown = [step({ name: 'one' }), step({ name: 'two' })]
    const started = performance.now()
    const late = await smoke(url, {
      steps: [step({ timeout_seconds: 0.05 })],
      teardown,
      teardownTimeoutMs: 600,
    })
    expect(performance.now() - started).toBeLessThan(3000)
    expect(late.slice(1).map(({ ran, message }) => [ran, message])).toEqual([
      [true, expect.stringMatching(/^no answer within \d+ ms$/)],
      [false, 'not run: the time limit of 600 ms for the teardown was reached'],
    ])
    const nothing = await smoke(url, { steps: [step({ path: '/{{id}}' })], teardown })
    expect(nothing.map(({ ran, message }) => [ran, message])).toEqual([
      [false, 'not run: {{id}} has no value'],
      [false, 'not run: nothing ran before it'],
      [false, 'not run: nothing ran before it'],
    ])
  })
})

describe('connections', () => {
  it('are used again, and none is left', async () => {
    let opened = 0
    const url = await servers.tcp((socket) => {
      opened++
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'))
    })
    const steps = ['a', 'b', 'c'].map((name) => step({ name }))
    const results = await smoke(url, { steps })
    expect(results.every(({ passed }) => passed)).toBe(true)
    expect(opened).toBe(1)
    await vi.waitFor(() => expect(servers.connections()).toBe(0))
  })

  it('that the other side closed meanwhile are no failure, and nothing is written twice', async () => {
    const seen: string[] = []
    const url = await servers.tcp((socket) => {
      let answered = 0
      socket.on('data', (data) => {
        seen.push(data.toString().split(' HTTP')[0]!)
        // Closes as soon as somebody asks again on it, as a server does whose patience has ended.
        if (answered++ > 0) return void socket.destroy()
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')
      })
    })
    const steps = [
      step({ name: 'a', path: '/a' }),
      step({ name: 'b', path: '/b' }),
      step({ name: 'c', path: '/c', method: 'POST' }),
      step({ name: 'd', path: '/d', method: 'DELETE' }),
    ]
    const results = await smoke(url, { steps })
    expect(results.map(({ message }) => message)).toEqual(Array(4).fill('status 200'))
    expect(seen.filter((line) => /POST|DELETE/.test(line))).toEqual(['POST /c', 'DELETE /d'])
  })

  it('that are reset by the system itself are a failure', async () => {
    const url = await servers.tcp((socket) => {
      void once(socket, 'data').then(() => socket.destroy())
    })
    const [result] = await smoke(url, { steps: [step({})] })
    expect(result).toMatchObject({ passed: false, attempts: 1 })
  })
})
