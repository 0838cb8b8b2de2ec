import { describe, expect, it } from 'vitest'
import { approvalNamespace } from '../../../src/core/approval.ts'
import { canonicalJson } from '../../../src/core/canonical.ts'
import type { TrustStatement } from '../../../src/core/policy-trust.ts'
import type { Call } from '../../../src/ports/context.ts'
import { policyTrust, trustGates } from '../../../src/tools/support/trust.ts'
import { makeWorld, type World } from '../../support/fake-context.ts'
import { fakeEnvironment, fakeProject } from '../../support/fake-project.ts'
import { configured, tamperTrust, trustAs } from '../../support/trust-as.ts'
import { approve, deploy, promote, release, rollBack, stage } from './journey.ts'
import { validateDeployment } from '../../../src/tools/validate-deployment.ts'

const strict = { ...fakeProject().approvals, mode: 'strict' as const }
const inProduction = { environment: 'production' }

/** A policy that ada trusted, in a project that runs v1 and v2. */
async function trusted(change: Parameters<typeof makeWorld>[0] = {}) {
  const world = makeWorld(change)
  await trustAs(world.call, 'ada')
  return world
}

async function last({ call }: World) {
  return (await call.store.read((tables) => tables.trustedPolicies.last()))!
}

async function restated(world: World, changes: Partial<TrustStatement>) {
  const statement = JSON.parse((await last(world)).statement) as TrustStatement
  return { statement: canonicalJson({ ...statement, ...changes }) }
}

const blockersOf = async (answer: Promise<{ status: string; blockers?: string[] }>) => {
  const { status, blockers = [] } = await answer
  return [status, ...blockers.filter((blocker) => blocker.startsWith('policy_trusted'))]
}

describe('a policy', () => {
  it('that nobody trusted is told as such', async () => {
    expect(await policyTrust(makeWorld().call)).toEqual({ state: 'never' })
  })

  it('that was trusted is, for every process with the same policy', async () => {
    const { call } = await trusted()
    const at = '2030-01-01T00:00:00.000Z'
    const verdict = { state: 'trusted', approver: 'ada', level: 'L1', at }
    expect(await policyTrust(call)).toEqual(verdict)
    expect(await policyTrust(configured(call, { state_directory: '/elsewhere' }))).toEqual(verdict)
  })

  it('that changed is told with what changed, until it is as it was', async () => {
    const { call } = await trusted()
    expect(await policyTrust(configured(call, { evidence_hours: 99 }))).toEqual({
      state: 'changed',
      approver: 'ada',
      at: '2030-01-01T00:00:00.000Z',
      changes: [{ path: 'evidence_hours', from: '24', to: '99' }],
    })
    expect(await policyTrust(configured(call, {}))).toMatchObject({ state: 'trusted' })
  })

  it('counts by review where it is what a branch has that nobody here can change alone', async () => {
    const { call } = makeWorld({ project: fakeProject({ approvals: strict }) })
    const at = (policy: string, reach: string | null): Call => ({
      ...call,
      basePolicy: async () => ({ branch: 'main', sha: 'a', project: null, policy, problem: null }),
      baseReach: async () => reach,
    })
    expect(await policyTrust(at(call.policyText, null))).toEqual({
      state: 'reviewed',
      branch: 'main',
    })
    const [gate] = await trustGates(call.project.environments.at(-1)!, at(call.policyText, null))
    expect(gate?.check).toMatchObject({
      status: 'passed',
      message: 'it is what main has, by review',
    })
    const never = { state: 'never' }
    expect(await policyTrust(at(call.policyText, 'the token may bypass'))).toEqual(never)
    expect(await policyTrust(at('another policy', null))).toEqual(never)
    expect(await policyTrust({ ...at(call.policyText, null), baseReach: undefined! })).toEqual(
      never,
    )
  })

  it('counts only for as long as its approver is one', async () => {
    const world = await trusted()
    await world.approvers.remove('ada')
    expect(await policyTrust(world.call)).toEqual({
      state: 'invalid',
      problem: 'its signature: the key belongs to no approver',
    })
  })

  it('is weighed again on every use', async () => {
    const world = await trusted({ project: fakeProject({ approvals: strict }) })
    world.signer.inAgent.add('SHA256:ada')
    expect(await policyTrust(world.call)).toMatchObject({
      state: 'invalid',
      problem: expect.stringContaining('the signature of ada reaches L0 here'),
    })
  })
})

describe('a row that somebody edited counts for nothing', () => {
  it.each<[string, (world: World) => Promise<Record<string, string | number>>, string]>([
    [
      'to hold the policy of now',
      async () => ({ policy: changed(makeWorld()).policyText }),
      'the stored policy is not the one that was signed',
    ],
    [
      'to hold it, and its hash',
      async (world) => {
        const now = changed(world)
        return {
          policy: now.policyText,
          ...(await restated(world, { policy_hash: now.policyHash })),
        }
      },
      'incorrect signature',
    ],
    ['to be newer', async () => ({ trusted_at: 1 }), 'its time is not the one that was signed'],
    [
      'with a signature of an approval',
      async (world) => {
        const { statement } = await last(world)
        return { signature: await world.signer.sign(statement, 'ada', approvalNamespace) }
      },
      'incorrect signature',
    ],
    [
      'to be that of another project',
      async (world) => restated(world, { project: 'other' }),
      'it was signed for another project',
    ],
    [
      'to be something else that ada signed',
      async (world) => {
        const statement = '{"format":"note"}'
        return { statement, signature: await world.signer.sign(statement, 'ada', 'gonogo-trust') }
      },
      'what is stored is no statement of trust',
    ],
    ['to be nothing', async () => ({ statement: '{', policy: 'null' }), 'no statement of trust'],
  ])('%s', async (_, edit, why) => {
    const world = await trusted()
    tamperTrust(world.directory, await edit(world))
    const production = fakeEnvironment('production')
    for (const call of [world.call, changed(world)]) {
      expect(await trustGates(production, call)).toMatchObject([{ check: { status: 'failed' } }])
      expect(await policyTrust(call)).toEqual({
        state: 'invalid',
        problem: expect.stringContaining(why),
      })
    }
    // Trusting again is all it takes, whatever the row was made into.
    await trustAs(world.call, 'bob')
    expect(await policyTrust(world.call)).toMatchObject({ state: 'trusted', approver: 'bob' })
  })
})

const changed = (world: World): Call => configured(world.call, { evidence_hours: 99 })

describe('production', () => {
  it('takes nothing under a changed policy, not even what was approved, and no rollback', async () => {
    const world = await trusted()
    await release(world, 'v1')
    await release(world, 'v2')
    await stage(world, 'v3')
    const { approval } = await promote(world.call, 'v3')
    await approve(world, approval.id)
    const now = changed(world)
    const why =
      'policy_trusted: the policy changed since ada trusted it (a person looks with gonogo trust): evidence_hours: 24 -> 99'
    const token = { approval_token: approval.id }
    expect(await blockersOf(promote(now, 'v3', token))).toEqual(['blocked', why])
    expect(await blockersOf(rollBack(now, inProduction))).toEqual(['blocked', why])
    const foreseen = await rollBack(now, { ...inProduction, dry_run: true })
    expect(foreseen).toMatchObject({ status: 'dry_run', accepted: 'no: blocked', blockers: [why] })
    // The world is as it was: the approval was not consumed.
    expect((await promote(world.call, 'v3', token)).status).toBe('queued')
  })

  it('goes on once the change is trusted', async () => {
    const world = await trusted()
    await stage(world, 'v1')
    const now = changed(world)
    await trustAs(now, 'bob')
    const asked = await promote(now, 'v1', { dry_run: true })
    expect(asked.plan['checks']).toContainEqual({
      name: 'policy_trusted',
      requirement: 'required',
      status: 'passed',
    })
    expect(asked.warnings.filter((warning) => warning.includes('policy'))).toEqual([])
    expect((await promote(now, 'v1')).status).toBe('waiting_approval')
    // Whoever still has the old configuration is the one that changed by now.
    expect((await promote(world.call, 'v1')).status).toBe('blocked')
  })

  it('tells a few of many changes', async () => {
    const { call } = await trusted()
    const environments = call.project.environments.map((environment) => ({
      ...environment,
      verify: 'off' as const,
      url: `${environment.url}/x`,
    }))
    const now = configured(call, { environments, evidence_hours: 1 })
    const [, why] = await blockersOf(promote(now, 'v1'))
    expect(why).toMatch(/staging\.verify: basic -> off; .*; evidence_hours: 24 -> 1; and 2 more$/)
  })

  it.each([
    ['no approval is wanted any more', { approval: 'none' as const }, ['staging', 'production']],
    ['it is no longer the last', {}, ['production', 'staging']],
    ['both', { approval: 'none' as const }, ['production', 'staging']],
  ])('stays guarded when an edit says %s', async (_, change, order) => {
    const { call } = await trusted()
    const production = fakeEnvironment('production', change)
    const environments = order.map((name) =>
      name === 'production' ? production : fakeEnvironment(name),
    )
    const [gate] = await trustGates(production, configured(call, { environments }))
    expect(gate).toMatchObject({ requirement: 'required', check: { status: 'failed' } })
  })

  it('is stopped by a row that does not hold', async () => {
    const world = await trusted()
    await stage(world, 'v1')
    tamperTrust(world.directory, { signature: 'ada signed 0000' })
    expect(await blockersOf(promote(world.call, 'v1'))).toEqual([
      'blocked',
      'policy_trusted: no trusted policy counts (its signature: incorrect signature): a person runs gonogo trust',
    ])
  })

  it('is stopped in strict mode until a policy is trusted', async () => {
    const world = makeWorld({ project: fakeProject({ approvals: strict }) })
    await stage(world, 'v1')
    expect(await blockersOf(promote(world.call, 'v1'))).toEqual([
      'blocked',
      'policy_trusted: nobody has trusted this policy yet: a person runs gonogo trust',
    ])
    await trustAs(world.call, 'ada')
    expect((await promote(world.call, 'v1')).status).toBe('waiting_approval')
  })

  it('is only warned about in standard mode when no policy was ever trusted', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const asked = await promote(world.call, 'v1')
    expect(asked.status).toBe('waiting_approval')
    expect(asked.warnings).toContainEqual(
      expect.stringMatching(/^policy_trusted: the policy is not pinned: .*gonogo trust$/),
    )
  })
})

it('an environment that nobody guards goes on under a changed policy', async () => {
  const world = await trusted()
  await stage(world, 'v1')
  const call = changed(world)
  expect((await deploy(call, 'v1')).blockers).toEqual([expect.stringContaining('run validate')])
  await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, call)
  const answer = await deploy(call, 'v1')
  expect(answer.status).toBe('queued')
  expect(answer.warnings.filter((warning) => warning.includes('policy'))).toEqual([])
})
