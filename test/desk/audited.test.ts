import { expect, it } from 'vitest'
import type { AuditEvent } from '../../src/core/audit.ts'
import { audited } from '../../src/desk/audited.ts'
import { makeWorld } from '../support/fake-context.ts'

const act = { operation: 'adopt', environment: 'staging', details: {}, correlation_id: null }

/** A log whose lines after the first cannot be written. */
function fullAfterOne() {
  const { call } = makeWorld()
  const written: AuditEvent[] = []
  const append = async (event: AuditEvent) => {
    written.push(event)
    if (written.length > 1) throw new Error('no space left')
    return await call.audit.append(event)
  }
  return { call: { ...call, audit: { ...call.audit, append } }, written }
}

it('never writes that an act failed which happened', async () => {
  const { call, written } = fullAfterOne()
  await expect(audited(call, act, async () => 'done')).rejects.toThrow('no space left')
  expect(written.map(({ phase, success }) => [phase, success])).toEqual([
    ['intent', null],
    ['result', true],
  ])
})

it('tells what went wrong with the act, not that the log is full, too', async () => {
  const { call } = fullAfterOne()
  const broken = audited(call, act, () => Promise.reject(new Error('the act broke')))
  await expect(broken).rejects.toThrow('the act broke')
})
