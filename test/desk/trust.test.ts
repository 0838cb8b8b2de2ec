import { describe, expect, it } from 'vitest'
import { approvalNamespace } from '../../src/core/approval.ts'
import type { TrustStatement } from '../../src/core/policy-trust.ts'
import { reviewPolicy, trustPolicy } from '../../src/desk/trust.ts'
import { policyTrust } from '../../src/tools/support/trust.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { fakeProject } from '../support/fake-project.ts'
import { configured, trustAs } from '../support/trust-as.ts'

async function last({ call }: World) {
  return await call.store.read((tables) => tables.trustedPolicies.last())
}

describe('reviewing', () => {
  it('tells all of a policy that is seen first, and then the difference only', async () => {
    const { call } = makeWorld()
    const first = await reviewPolicy(call)
    expect(first.trust).toEqual({ state: 'never' })
    const texts = first.lines.map(({ text }) => text)
    expect(texts).toContain('Trust the policy of clinic')
    expect(texts).toContain('ada, bob')
    await trustPolicy(call, first, 'ada')
    const next = await reviewPolicy(configured(call, { evidence_hours: 99 }))
    expect(next.lines.map(({ text }) => text)).toEqual([
      'Trust the changed policy of clinic',
      'evidence_hours: 24 -> 99',
    ])
  })

  it('tells all of it again when what was trusted does not hold any more', async () => {
    const world = makeWorld()
    await trustAs(world.call, 'ada')
    await world.approvers.remove('ada')
    const { trust, lines } = await reviewPolicy(configured(world.call, { evidence_hours: 99 }))
    expect(trust.state).toBe('invalid')
    expect(lines.length).toBeGreaterThan(5)
  })
})

describe('trusting', () => {
  it('stores what was signed, by whom and what it is worth, and writes it down', async () => {
    const world = makeWorld()
    const desk = world.as({ kind: 'human', name: 'ada' })
    const { policyHash: policy_hash } = desk
    const at = '2030-01-01T00:00:00.000Z'
    expect(await trustAs(desk, 'ada')).toEqual({ policy_hash, approver: 'ada', level: 'L1', at })
    const row = await last(world)
    expect(row).toMatchObject({
      project: 'clinic',
      policy: desk.policyText,
      approver: 'ada',
    })
    const statement = JSON.parse(row!.statement) as TrustStatement
    expect(statement).toEqual({
      format: 'gonogo-trust-v1',
      id: expect.stringMatching(/^trust_/),
      project: 'clinic',
      policy_hash,
      nonce: expect.stringMatching(/^nonce_/),
      signed_at: at,
    })
    const key = `sha256:${desk.runtime.sha256('ssh-ed25519 ada').slice(0, 12)}`
    const line = {
      operation: 'trust',
      user: 'human:ada',
      correlation_id: statement.id,
      details: { policy_hash, before: 'never', changes: [], approver: 'ada', key },
    }
    expect(await desk.audit.tail(10)).toMatchObject([
      { ...line, phase: 'intent', success: null },
      { ...line, phase: 'result', success: true },
    ])
  })

  it('writes down which values changed, and not what they are', async () => {
    const { call } = makeWorld()
    await trustAs(call, 'ada')
    await trustAs(configured(call, { evidence_hours: 99 }), 'bob')
    const [line] = await call.audit.tail(1)
    expect(line?.details).toMatchObject({ before: 'changed', changes: ['evidence_hours'] })
  })

  it('signs what was shown, whatever the configuration says by then', async () => {
    const { call } = makeWorld()
    const shown = await reviewPolicy(call)
    const meanwhile = configured(call, { evidence_hours: 99 })
    await trustPolicy(meanwhile, shown, 'ada')
    expect(await policyTrust(call)).toMatchObject({ state: 'trusted' })
    expect(await policyTrust(meanwhile)).toMatchObject({ state: 'changed' })
  })

  it('is for registered keys only', async () => {
    const world = makeWorld()
    await expect(trustAs(world.call, 'mallory')).rejects.toMatchObject({
      code: 'not_permitted',
      message: 'the key SHA256:mallory belongs to no approver of this project',
    })
    expect(await last(world)).toBeNull()
  })

  it('stores nothing when the signature is one of an approval', async () => {
    const world = makeWorld()
    const sign: typeof world.signer.sign = (message, keyFile) =>
      world.signer.sign(message, keyFile, approvalNamespace)
    const call = { ...world.call, signer: { ...world.signer, sign } }
    await expect(trustAs(call, 'ada')).rejects.toMatchObject({
      code: 'invalid_approval',
      message: 'the new signature does not verify: incorrect signature',
    })
    expect(await last(world)).toBeNull()
    expect((await call.audit.tail(1))[0]).toMatchObject({ phase: 'result', success: false })
  })

  it('that reaches less than production wants is refused where the person is', async () => {
    const approvals = { ...fakeProject().approvals, mode: 'strict' as const }
    const world = makeWorld({ project: fakeProject({ approvals }) })
    world.approvers.protected = false
    await expect(trustAs(world.call, 'ada')).rejects.toMatchObject({
      code: 'invalid_approval',
      message: expect.stringMatching(/reaches L0 here, and L1 is wanted/),
      hint: expect.stringContaining('docs/security.md'),
    })
    expect(await last(world)).toBeNull()
  })

  it('does not sign when that cannot be written down first', async () => {
    const world = makeWorld()
    const audit = { ...world.call.audit, append: () => Promise.reject(new Error('no space left')) }
    await expect(trustAs({ ...world.call, audit }, 'ada')).rejects.toThrow('no space left')
    expect(await last(world)).toBeNull()
  })

  it('by two at once leaves the later one, and both in the log', async () => {
    const world = makeWorld()
    const other = configured(world.call, { evidence_hours: 99 })
    await Promise.all([trustAs(world.call, 'ada'), trustAs(other, 'bob')])
    const lines = await world.call.audit.tail(10)
    const results = lines.filter(({ phase, success }) => phase === 'result' && success)
    expect(new Set(results.map(({ details }) => details['approver']))).toEqual(
      new Set(['ada', 'bob']),
    )
    const stored = await last(world)
    const winner = stored?.approver === 'ada' ? world.call : other
    expect(await policyTrust(winner)).toMatchObject({ state: 'trusted' })
  })
})
