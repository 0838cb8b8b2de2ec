// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startClinic } from '../testing/clinic.js'

const appointment = { patient: 'Ada Lovelace', at: '2030-01-31T09:30:00Z' }

test('an appointment is made, read, listed and cancelled', async (t) => {
  const { call, token } = await startClinic(t)

  const made = await call('POST /appointments', { token, body: appointment })
  assert.equal(made.status, 201)
  const { id } = made.body

  const shown = await call(`GET /appointments/${id}`, { token })
  assert.equal(shown.status, 200)
  assert.partialDeepStrictEqual(shown.body, { id, ...appointment })

  const listed = await call('GET /appointments', { token })
  assert.deepEqual(listed.body, [shown.body])

  assert.equal((await call(`DELETE /appointments/${id}`, { token })).status, 204)
  assert.equal((await call(`GET /appointments/${id}`, { token })).status, 404)
  assert.equal((await call(`DELETE /appointments/${id}`, { token })).status, 404)
})

test('the list is in the order of time, whatever the time zone', async (t) => {
  const { call, token } = await startClinic(t)
  for (const at of ['2030-01-31T09:30:00Z', '2030-01-31T10:00:00+02:00']) {
    await call('POST /appointments', { token, body: { patient: 'Ada', at } })
  }
  const { body } = await call('GET /appointments', { token })
  assert.deepEqual(
    body.map((/** @type {{ at: string }} */ { at }) => at),
    ['2030-01-31T10:00:00+02:00', '2030-01-31T09:30:00Z'],
  )
})

test('text is stored as text, not read as SQL', async (t) => {
  const { call, token } = await startClinic(t)
  const patient = "Robert'); drop table appointments;--"
  const { body } = await call('POST /appointments', { token, body: { ...appointment, patient } })
  assert.equal((await call(`GET /appointments/${body.id}`, { token })).body.patient, patient)
})

test('without a session there are no appointments', async (t) => {
  const { call } = await startClinic(t)
  for (const request of [
    'GET /appointments',
    'POST /appointments',
    'GET /appointments/1',
    'DELETE /appointments/1',
  ]) {
    assert.equal((await call(request)).status, 401, request)
    assert.equal((await call(request, { token: 'guessed' })).status, 401, request)
  }
})

test('what is not an appointment is refused', async (t) => {
  const { call, token } = await startClinic(t)
  for (const body of [
    'not json',
    '[]',
    {},
    { ...appointment, patient: ' ' },
    { ...appointment, patient: 'a'.repeat(201) },
    { ...appointment, at: 'tomorrow' },
    { ...appointment, at: '2030-13-31T09:30:00Z' },
  ]) {
    const { status, body: answer } = await call('POST /appointments', { token, body })
    assert.equal(status, 400, JSON.stringify(body))
    assert.equal(typeof answer.error, 'string')
  }
})

test('a body above the limit is refused', async (t) => {
  const { call, token } = await startClinic(t)
  const body = { ...appointment, patient: 'a'.repeat(200_000) }
  const { status } = await call('POST /appointments', { token, body })
  assert.equal(status, 413)
})
