// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startClinic } from '../testing/clinic.js'

test('a healthy service says so', async (t) => {
  const { call, clinic } = await startClinic(t)
  const schema = clinic.migrations.at(-1)?.name
  const api = { status: 'healthy', pid: process.pid }
  const database = { status: 'healthy', schema }
  assert.deepEqual(await call('GET /health'), {
    status: 200,
    body: { status: 'healthy', checks: { api, database } },
  })
  assert.deepEqual(await call('GET /health/api'), { status: 200, body: api })
  assert.deepEqual(await call('GET /health/database'), { status: 200, body: database })
})

test('a failing query is unhealthy and leaves the version readable', async (t) => {
  t.mock.method(console, 'error', () => {})
  const { call, clinic } = await startClinic(t)
  clinic.database.exec('drop table schema_migrations')
  assert.equal((await call('GET /health/database')).status, 503)
  const { status, body } = await call('GET /health')
  assert.equal(status, 503)
  assert.equal(body.status, 'unhealthy')
  assert.equal(body.checks.api.status, 'healthy')
  assert.equal(body.checks.database.status, 'unhealthy')
  assert.equal((await call('GET /version')).body.schema, null)
})

test('a schema older than the release is unhealthy', async (t) => {
  const { call, clinic } = await startClinic(t)
  const last = clinic.migrations.at(-1)?.name ?? ''
  clinic.database.prepare('delete from schema_migrations where name = ?').run(last)
  const { status, body } = await call('GET /health/database')
  assert.equal(status, 503)
  assert.equal(body.error, `migration ${last} is not applied`)
})

test('the version names release, environment and schema', async (t) => {
  const { call, clinic } = await startClinic(t)
  assert.deepEqual((await call('GET /version')).body, {
    version: '1.2.3',
    commit: 'c0ffee',
    environment: 'test',
    schema: clinic.migrations.at(-1)?.name,
  })
})

test('an unknown path is a JSON 404', async (t) => {
  const { call } = await startClinic(t)
  assert.deepEqual(await call('GET /nothing'), { status: 404, body: { error: 'not found' } })
})
