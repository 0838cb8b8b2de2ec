// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startClinic } from '../testing/clinic.js'

const appointment = { patient: 'Ada Lovelace', at: '2030-01-31T09:30:00Z' }

for (const note of ['', 'Brings her own X-rays']) {
  test(`an appointment keeps the note "${note}"`, async (t) => {
    const { call, token } = await startClinic(t)
    const made = await call('POST /appointments', { token, body: { ...appointment, note } })
    const { body } = await call(`GET /appointments/${made.body.id}`, { token })
    assert.deepEqual(body, { ...appointment, id: made.body.id, note })
  })
}

test('a note may be left out', async (t) => {
  const { call, token } = await startClinic(t)
  await call('POST /appointments', { token, body: appointment })
  assert.equal((await call('GET /appointments', { token })).body[0].note, '')
})

test('a note that is too long or no text is refused', async (t) => {
  const { call, token } = await startClinic(t)
  for (const note of ['a'.repeat(501), 7]) {
    const { status } = await call('POST /appointments', { token, body: { ...appointment, note } })
    assert.equal(status, 400)
  }
})
