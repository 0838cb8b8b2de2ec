// @ts-check
import assert from 'node:assert/strict'
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

test('a hanging path accepts the request and never answers', async (t) => {
  const { url, call } = await startClinic(t, { faults: { hang: { path: '/appointments' } } })
  await assert.rejects(fetch(`${url}/appointments`, { signal: AbortSignal.timeout(100) }), {
    name: 'TimeoutError',
  })
  assert.equal((await call('GET /health')).status, 200)
})

test('a fault may begin some time after the start', (t) => {
  let now = 1000
  t.mock.method(performance, 'now', () => now)
  const faultyAnswer = createFaultSwitch({ health: { after_seconds: 5 } }, 'production')
  now += 4999
  assert.equal(faultyAnswer('GET', '/health/database'), undefined)
  now += 1
  assert.equal(faultyAnswer('GET', '/health/database') !== undefined, true)
})
