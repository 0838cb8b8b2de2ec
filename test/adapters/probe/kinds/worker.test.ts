import { describe, expect, test } from 'vitest'
import { createProbe } from '../../../../src/adapters/probe/probe.ts'
import type { WorkerStep } from '../../../../src/core/smoke.ts'
import { answer, silent, useServers } from '../servers.ts'

const servers = useServers()

type Endpoint = Partial<Extract<WorkerStep['source'], { from: 'endpoint' }>>

function worker(source: Endpoint, change: Partial<WorkerStep> = {}): WorkerStep {
  return {
    kind: 'worker',
    name: 'celery_worker',
    timeout_seconds: 1,
    parallel: false,
    retry: null,
    source: {
      from: 'endpoint',
      path: '/w',
      headers: {},
      workers: null,
      last_seen: null,
      ...source,
    },
    at_least: 1,
    max_age_seconds: null,
    ...change,
  }
}

async function ask(url: string, step: WorkerStep, timeoutMs = 5000) {
  const [result] = await createProbe({ now: () => Date.now() }).smoke({
    baseUrl: url,
    steps: [step],
    variables: {},
    timeoutMs,
  })
  const { ran, passed, message } = result!
  const health = passed ? 'healthy' : ran ? 'unhealthy' : 'not run'
  return `${health}: ${message}`
}

/** Asks an endpoint that answers this. */
async function told(body: unknown, step: WorkerStep, status = 200) {
  return await ask(await servers.http((_request, response) => answer(response, body, status)), step)
}

const ago = (seconds: number) => Date.now() / 1000 - seconds

describe('a list of workers', () => {
  const step = worker({ workers: 'workers' }, { at_least: 2 })

  test.for([
    [{ workers: ['a', 'b'] }, 'healthy: 2 of at least 2 worker(s)'],
    [{ workers: { 'celery@one': true, 'celery@two': {} } }, 'healthy: 2 of at least 2 worker(s)'],
    [{ workers: ['a'] }, 'unhealthy: 1 of at least 2 worker(s) are there'],
    [
      { workers: { one: { status: 'offline' }, two: 'down', three: 0, four: '', five: 'here' } },
      'unhealthy: 1 of at least 2 worker(s) are there',
    ],
    [
      { status: 'error', workers: ['a', 'b'] },
      'not run: unknown: the endpoint says of itself: status "error"',
    ],
    [{ workers: [] }, 'unhealthy: 0 of at least 2 worker(s) are there'],
    [
      { workers: { 'celery@one': true, 'celery@two': false } },
      'unhealthy: 1 of at least 2 worker(s) are there',
    ],
    [{ queue: [] }, 'not run: unknown: the answer has no list of workers where it should be'],
    [{ workers: 2 }, 'not run: unknown: the answer has no list of workers where it should be'],
  ] as const)('%j', async ([body, expected]) => {
    expect(await told(body, step)).toBe(expected)
  })

  test('counts those that were there of late', async () => {
    const each = worker({ workers: 'items', last_seen: 'seen' }, { max_age_seconds: 60 })
    const items = [{ seen: ago(5) }, { seen: ago(600) }, {}]
    expect(await told({ items }, { ...each, at_least: 1 })).toBe(
      'healthy: 1 of at least 1 worker(s)',
    )
    expect(await told({ items }, { ...each, at_least: 2 })).toBe(
      'unhealthy: 1 of at least 2 worker(s) are there; 2 more not seen for over 60 s',
    )
  })
})

describe('a last sign of life', () => {
  const step = worker({ last_seen: 'beat.at' }, { max_age_seconds: 60 })
  const at = (value: unknown) => told({ beat: { at: value } }, step)

  test('as seconds, milliseconds or a date, within its limit', async () => {
    expect(await at(ago(30))).toBe('healthy: alive')
    expect(await at(ago(30) * 1000)).toBe('healthy: alive')
    expect(await at(new Date(ago(30) * 1000).toISOString())).toBe('healthy: alive')
  })

  test('too long ago, or never', async () => {
    expect(await at(ago(300))).toMatch(/^unhealthy: last sign of life \d+ s ago, more than 60 s$/)
    expect(await at(null)).toBe('unhealthy: there never was a sign of life')
  })

  test('what cannot be told is unknown', async () => {
    expect(await at('soon')).toBe('not run: unknown: what says when it was last there is no time')
    // Whoever wrote it may live elsewhere: dead for hours could look like a moment ago.
    for (const local of ['2026-01-31T09:30:00', '2026-01-31 09:30:00.5', '2026-01-31']) {
      expect(await at(local)).toBe(
        'not run: unknown: its last sign of life has no time zone: write it in seconds since 1970 or with Z',
      )
    }
    for (const old of [
      '2020-01-31T09:30:00+02:00',
      'Fri, 31 Jan 2020 09:30:00 GMT',
      '1580000000',
    ]) {
      expect(await at(old)).toMatch(/^unhealthy: last sign of life/)
    }
    expect(await at(undefined)).toBe(
      'not run: unknown: the answer does not say when it was last there',
    )
    expect(await at(ago(-3600))).toBe('not run: unknown: its last sign of life lies in the future')
  })
})

test('an endpoint that cannot tell makes it unknown, never healthy', async () => {
  const step = worker({ workers: 'workers' })
  const everybody = { workers: ['a', 'b'] }
  expect(await told(everybody, step, 503)).toBe('not run: unknown: the endpoint answered 503')
  expect(await told(everybody, step, 302)).toBe('not run: unknown: the endpoint answered 302')
  const page = await servers.http((_request, response) => response.end('<html>'))
  expect(await ask(page, step)).toMatch(/^not run: unknown: the answer is not JSON/)
  const quiet = await servers.tcp(silent)
  expect(await ask(quiet, step, 150)).toMatch(/^not run: unknown: no answer within 1\d\d ms$/)
  const refused = await ask('http://127.0.0.1:1', step)
  expect(refused).toBe('not run: unknown: connection refused')
})
