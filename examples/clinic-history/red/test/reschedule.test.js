// @ts-check
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startClinic } from '../testing/clinic.js'

test('an appointment is moved to another time', async (t) => {
  const { call, token } = await startClinic(t)
  const first = { patient: 'Ada Lovelace', at: '2030-01-31T09:30:00Z' }
  const { id } = (await call('POST /appointments', { token, body: first })).body
  const moved = { ...first, at: '2030-02-01T11:00:00Z' }
  assert.equal((await call(`PUT /appointments/${id}`, { token, body: moved })).status, 200)
})
