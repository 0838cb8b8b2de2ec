import { describe, expect, it } from 'vitest'
import { approveRequest } from '../../src/desk/approve.ts'
import { reviewRequest } from '../../src/desk/review-request.ts'
import { approveById } from '../support/approve-by-id.ts'
import { openRequests } from '../../src/desk/decide.ts'
import { rejectRequest } from '../../src/desk/reject.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import type { ApproverRule, Project } from '../../src/core/project.ts'
import { approverRule, fakeEnvironment, fakeProject } from '../support/fake-project.ts'
import { trustAs } from '../support/trust-as.ts'
import { approve, promote, stage, tamper } from '../tools/support/journey.ts'

async function waiting(change: Parameters<typeof makeWorld>[0] = {}, trusting?: string) {
  const world = makeWorld(change)
  await stage(world, 'v1')
  if (trusting) await trustAs(world.call, trusting)
  const { approval } = await promote(world.call, 'v1')
  return { world, id: approval.id, desk: world.as({ kind: 'human', name: 'ada' }) }
}

function guardedBy(approvers: Partial<ApproverRule>, changes: Partial<Project> = {}) {
  const production = fakeEnvironment('production', { approvers: approverRule(approvers) })
  return fakeProject({ environments: [fakeEnvironment('staging'), production], ...changes })
}

async function stored({ call }: World, id: string) {
  return (await call.store.read((tables) => tables.approvals.get(id)))!
}

describe('reviewing', () => {
  it('shows the plan whose hash will be signed', async () => {
    const { desk, id } = await waiting()
    const { approval, lines } = await reviewRequest(desk, id)
    expect(desk.runtime.sha256(approval.plan)).toBe(approval.request.plan_hash)
    const texts = lines.map(({ text }) => text)
    expect(texts).toContain('Promote clinic in production')
    expect(texts).toContain('agent:claude')
    expect(texts).toContain('restart: restart production')
  })

  it('refuses to show a plan that is not the one that was requested', async () => {
    const { world, desk, id } = await waiting()
    const { plan } = await stored(world, id)
    tamper(world, id, { plan: plan.replace('"restart","production"', '"true"') })
    const changed = { code: 'invalid_approval', message: expect.stringContaining('it was changed') }
    await expect(reviewRequest(desk, id)).rejects.toMatchObject(changed)
    await expect(approveById(desk, id, 'ada')).rejects.toMatchObject(changed)
    expect((await stored(world, id)).state).toBe('open')
  })

  it('knows no other request', async () => {
    const { call } = makeWorld()
    await expect(reviewRequest(call, 'apr_none')).rejects.toMatchObject({
      code: 'unknown_approval',
      hint: expect.stringContaining('gonogo approve'),
    })
  })
})

describe('approving', () => {
  it('signs what was shown and read, or nothing, whatever the row says by then', async () => {
    const { world, desk, id } = await waiting()
    const shown = await reviewRequest(desk, id)
    const other = { ...shown.approval.request, version: 'v2', commit: '2'.repeat(40) }
    tamper(world, id, { request: JSON.stringify(other) })
    await expect(approveRequest(desk, shown, 'ada')).rejects.toMatchObject({
      message: expect.stringContaining('decided or replaced'),
    })
    expect(await stored(world, id)).toMatchObject({ state: 'open', decisions: [] })
  })

  it('stores the signature, whose it is and what it is worth, and writes it down', async () => {
    const { world, desk, id } = await waiting()
    expect(await approveById(desk, id, 'ada')).toEqual({
      approval_id: id,
      approver: 'ada',
      level: 'L1',
      state: 'approved',
      approvals: { wanted: 1, given: ['ada'] },
      code: null,
      next: `the requester calls again with approval_token ${id}`,
    })
    expect(await stored(world, id)).toMatchObject({
      state: 'approved',
      decisions: [
        {
          person: 'ada',
          level: 'L1',
          method: 'ssh_signature',
          verdict: 'approved',
          signature: expect.stringContaining('ada signed'),
        },
      ],
    })
    const key = `sha256:${desk.runtime.sha256('ssh-ed25519 ada').slice(0, 12)}`
    expect(
      (await desk.audit.tail(2)).map(({ phase, user, success }) => [phase, user, success]),
    ).toEqual([
      ['intent', 'human:ada', null],
      ['result', 'human:ada', true],
    ])
    expect((await desk.audit.tail(1))[0]).toMatchObject({
      operation: 'approve',
      environment: 'production',
      correlation_id: id,
      details: { approver: 'ada', key, requester: 'agent:claude', version: 'v1' },
    })
  })

  it('is for registered keys only', async () => {
    const { world, desk, id } = await waiting()
    await expect(approveById(desk, id, 'mallory')).rejects.toMatchObject({
      code: 'not_permitted',
      message: 'the key SHA256:mallory belongs to no approver of this project',
      hint: expect.stringContaining('gonogo approver add'),
    })
    expect((await stored(world, id)).state).toBe('open')
  })

  it('stores nothing when the signature does not verify', async () => {
    const { world, id } = await waiting()
    const signer = { ...world.signer, sign: async () => 'ada signed 0000' }
    const desk = { ...world.call, signer }
    await expect(approveById(desk, id, 'ada')).rejects.toThrow('does not verify')
    expect((await stored(world, id)).state).toBe('open')
    expect((await desk.audit.tail(1))[0]).toMatchObject({ phase: 'result', success: false })
  })

  it('does not sign when that cannot be written down first', async () => {
    const { world, id } = await waiting()
    const audit = { ...world.call.audit, append: () => Promise.reject(new Error('no space left')) }
    await expect(approveById({ ...world.call, audit }, id, 'ada')).rejects.toThrow('no space')
    expect((await stored(world, id)).state).toBe('open')
  })

  it('that reaches less than the environment wants is refused where the person is', async () => {
    const approvals = { ...fakeProject().approvals, mode: 'strict' as const }
    const { world, desk, id } = await waiting({ project: fakeProject({ approvals }) }, 'bob')
    world.approvers.protected = false
    await expect(approveById(desk, id, 'ada')).rejects.toThrow(/reaches L0.*L1 is wanted/)
    expect((await stored(world, id)).state).toBe('open')
  })

  it.each<[string, (world: World) => void]>([
    ['a signers list this user can change', ({ approvers }) => void (approvers.protected = false)],
    ['a key in an agent', ({ signer }) => void signer.inAgent.add('SHA256:ada')],
  ])('with %s is worth L0', async (_, weaken) => {
    const { world, desk, id } = await waiting()
    weaken(world)
    expect((await approveById(desk, id, 'ada')).level).toBe('L0')
  })

  it('with a key without a passphrase is worth L0', async () => {
    const { world, desk, id } = await waiting()
    const key = await world.signer.inspect('eve-plain')
    await world.approvers.add('eve', key)
    expect((await approveById(desk, id, 'eve-plain')).level).toBe('L0')
  })

  it.each<['auto' | 'allowed' | 'forbidden', number, boolean]>([
    ['auto', 1, true],
    ['auto', 2, false],
    ['allowed', 2, true],
    ['forbidden', 1, false],
  ])('of one’s own request under %s with %i approver(s): %s', async (policy, count, may) => {
    const world = makeWorld({ project: guardedBy({ self_approval: policy }) })
    world.approvers.known = world.approvers.known.slice(0, count)
    await stage(world, 'v1')
    const { approval } = await promote(world.as({ kind: 'human', name: 'ada' }), 'v1')
    const attempt = approve(world, approval.id)
    if (may) await expect(attempt).resolves.toMatchObject({ approver: 'ada' })
    else await expect(attempt).rejects.toThrow('ada asked for this and may not approve it too')
  })

  it('happens once', async () => {
    const { desk, id } = await waiting()
    await approveById(desk, id, 'ada')
    await expect(approveById(desk, id, 'bob')).rejects.toThrow(`${id} is approved`)
  })

  it('is over when the request expired', async () => {
    const { world, desk, id } = await waiting()
    world.pass(31 * 60_000)
    await expect(approveById(desk, id, 'ada')).rejects.toThrow(`${id} expired`)
  })
})

describe('what waits', () => {
  it('is what can still be decided', async () => {
    const { world, desk, id } = await waiting()
    expect((await openRequests(desk)).map((request) => request.id)).toEqual([id])
    await approveById(desk, id, 'ada')
    expect(await openRequests(desk)).toEqual([])
    const other = await promote(world.call, 'v1', { skip_smoke_tests: true })
    expect((await openRequests(desk)).map((request) => request.id)).toEqual([other.approval.id])
    world.pass(31 * 60_000)
    expect(await openRequests(desk)).toEqual([])
  })
})

describe('rejecting', () => {
  it('is for good, with the reason, and takes no key', async () => {
    const { world, id } = await waiting()
    const bob = world.as({ kind: 'human', name: 'bob' })
    await rejectRequest(bob, id, 'not\non a \u001b[31mFriday')
    expect(await stored(world, id)).toMatchObject({
      state: 'rejected',
      decisions: [
        {
          person: 'bob',
          method: 'unsigned',
          statement: expect.stringContaining('"reason":"not on a Friday"'),
        },
      ],
    })
    expect((await bob.audit.tail(1))[0]).toMatchObject({ operation: 'reject', success: true })
    await expect(approveById(bob, id, 'ada')).rejects.toThrow('is rejected')
    await expect(rejectRequest(bob, id, null)).rejects.toThrow('is rejected')
  })

  it('does not take back an approval that was given', async () => {
    const { desk, id } = await waiting()
    await approveById(desk, id, 'ada')
    await expect(rejectRequest(desk, id, null)).rejects.toThrow('is approved')
  })
})
