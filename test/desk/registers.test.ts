import { describe, expect, it } from 'vitest'
import { addApprover, listApprovers, removeApprover } from '../../src/desk/approvers.ts'
import { liftHold, listHolds } from '../../src/desk/holds.ts'
import { makeWorld } from '../support/fake-context.ts'
import { release as releaseOf } from '../support/fake-ports.ts'

describe('approvers', () => {
  it('are added and removed, both written down without the key itself', async () => {
    const { call } = makeWorld()
    await addApprover(call, 'eve', 'eve-plain')
    expect((await listApprovers(call)).at(-1)).toMatchObject({ name: 'eve', protection: 'none' })
    await removeApprover(call, 'eve')
    expect((await listApprovers(call)).map(({ name }) => name)).toEqual(['ada', 'bob'])
    const lines = await call.audit.tail(10)
    expect(lines.map(({ operation, phase }) => [operation, phase])).toEqual([
      ['approver_add', 'intent'],
      ['approver_add', 'result'],
      ['approver_remove', 'intent'],
      ['approver_remove', 'result'],
    ])
    expect(lines[1]?.details).toMatchObject({
      name: 'eve',
      key: expect.stringMatching(/^sha256:[0-9a-f]{12}$/),
      protection: 'none',
    })
    expect(JSON.stringify(lines)).not.toContain('ssh-ed25519')
  })

  it('that cannot be removed leave a line that says so', async () => {
    const { call } = makeWorld()
    await expect(removeApprover(call, 'eve')).rejects.toMatchObject({ code: 'invalid_input' })
    expect((await call.audit.tail(1))[0]).toMatchObject({ phase: 'result', success: false })
  })
})

async function held() {
  const { call } = makeWorld()
  await call.store.write((tables) =>
    tables.holds.insert({
      environment: 'production',
      ...releaseOf('2'),
      reason: 'lost bookings',
      since: 0,
    }),
  )
  return call
}

describe('holds', () => {
  it('are listed and lifted by a person, who is written down', async () => {
    const call = await held()
    const environments = ['staging', 'production']
    expect(await listHolds(call, environments)).toMatchObject([
      { environment: 'production', version: 'v2', reason: 'lost bookings' },
    ])
    expect(await liftHold(call, 'production', 'v2')).toEqual({
      environment: 'production',
      version: 'v2',
    })
    expect(await listHolds(call, environments)).toEqual([])
    expect((await call.audit.tail(1))[0]).toMatchObject({ operation: 'hold_lift', success: true })
  })

  it('of another environment stay', async () => {
    const call = await held()
    await expect(liftHold(call, 'staging', 'v2')).rejects.toMatchObject({
      code: 'unknown_version',
      message: 'v2 is not held in staging',
    })
    expect(await listHolds(call, ['production'])).toHaveLength(1)
  })

  it('of an environment that does not exist cannot be lifted', async () => {
    const call = await held()
    await expect(liftHold(call, 'prodution', 'v2')).rejects.toMatchObject({
      code: 'unknown_environment',
      message: expect.stringContaining('did you mean production?'),
    })
  })
})
