// @ts-check
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { createFaultSwitch } from '../src/faults.js'
import { startClinic } from '../testing/clinic.js'

test('a fault is switched on for its environments only', async (t) => {
  const faults = { appointments: { status: 500, environments: ['production'] } }
  const production = await startClinic(t, { environment: 'production', faults })
  const staging = await startClinic(t, { environment: 'staging', faults })
  const body = { patient: 'Ada', at: '2030-01-31T09:30:00Z' }
  /** @param {typeof staging} service */
  const book = ({ call, token }) => call('POST /appointments', { token, body })
  assert.equal((await book(production)).status, 500)
  assert.equal((await book(staging)).status, 201)
  assert.equal((await production.call('GET /health')).status, 200)
})

test('a health fault fails the database check and spares the api', async (t) => {
  const { call } = await startClinic(t, { faults: { health: {} } })
  const { status, body } = await call('GET /health')
  assert.equal(status, 503)
  assert.equal(body.checks.database.status, 'unhealthy')
  assert.equal((await call('GET /health/database')).status, 503)
  assert.equal((await call('GET /health/api')).status, 200)
})

test('a lost database fails what needs it, while the health checks say that all is well', async (t) => {
  t.mock.method(console, 'error', () => {})
  const { call, token } = await startClinic(t, { faults: { lost_database: {} } })
  for (const path of ['/health', '/health/api', '/health/database']) {
    const { status, body } = await call(`GET ${path}`)
    assert.deepEqual([path, status, body.status], [path, 200, 'healthy'])
  }
  assert.equal((await call('GET /appointments', { token })).status, 500)
  const login = { user: 'reception', password: 'let me in' }
  assert.equal((await call('POST /login', { body: login })).status, 500)
})

test('a hanging path accepts the request and never answers', async (t) => {
  const { url, call } = await startClinic(t, { faults: { hang: { path: '/appointments' } } })
  await assert.rejects(fetch(`${url}/appointments`, { signal: AbortSignal.timeout(100) }), {
    name: 'TimeoutError',
  })
  assert.equal((await call('GET /health')).status, 200)
})

test('a fault may begin some time after the start', (t) => {
  const database = new DatabaseSync(':memory:')
  let now = 1000
  t.mock.method(performance, 'now', () => now)
  const faultyAnswer = createFaultSwitch({ health: { after_seconds: 5 } }, 'production', database)
  now += 4999
  assert.equal(faultyAnswer('GET', '/health/database'), undefined)
  now += 1
  assert.equal(faultyAnswer('GET', '/health/database') !== undefined, true)
})
