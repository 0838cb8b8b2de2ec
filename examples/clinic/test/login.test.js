// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSessions } from '../src/sessions.js'
import { startClinic } from '../testing/clinic.js'

const login = { user: 'reception', password: 'let me in' }

test('a session lasts from logging in to logging out', async (t) => {
  const { call } = await startClinic(t)
  const { status, body } = await call('POST /login', { body: login })
  assert.equal(status, 200)
  const { token } = body
  assert.equal((await call('GET /appointments', { token })).status, 200)
  assert.equal((await call('DELETE /login', { token })).status, 204)
  assert.equal((await call('GET /appointments', { token })).status, 401)
})

test('a wrong user or password is refused alike', async (t) => {
  const { call } = await startClinic(t)
  const password = await call('POST /login', { body: { ...login, password: 'guess' } })
  const user = await call('POST /login', { body: { ...login, user: 'root' } })
  assert.equal(password.status, 401)
  assert.deepEqual(user, password)
})

test('a login without strings is refused', async (t) => {
  const { call } = await startClinic(t)
  assert.equal((await call('POST /login', { body: { user: 'reception' } })).status, 400)
})

test('the database holds no usable token', async (t) => {
  const { clinic, token } = await startClinic(t)
  const rows = clinic.database.prepare('select * from sessions').all()
  assert.equal(rows.length, 1)
  assert.ok(!JSON.stringify(rows).includes(token))
})

test('a session ends by itself and with another secret', async (t) => {
  const { clinic } = await startClinic(t)
  let now = Date.parse('2030-01-31T09:30:00Z')
  const sessions = createSessions(clinic.database, 'one secret', () => now)
  const token = sessions.open('reception')
  assert.ok(sessions.isOpen(token))
  assert.ok(!createSessions(clinic.database, 'another', () => now).isOpen(token))
  now += 8 * 60 * 60 * 1000
  assert.ok(!sessions.isOpen(token))
})
