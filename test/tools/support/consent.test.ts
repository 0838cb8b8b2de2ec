import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { exitOfOutput, exits } from '../../../src/cli/exit.ts'
import type { AdminToken } from '../../../src/core/admin-token.ts'
import type { Approval, Decision } from '../../../src/core/approval.ts'
import { canonicalJson } from '../../../src/core/canonical.ts'
import { rejectRequest } from '../../../src/desk/reject.ts'
import { statementOf } from '../../../src/desk/sign-decision.ts'
import { runSmokeTests } from '../../../src/tools/run-smoke-tests.ts'
import { validateDeployment } from '../../../src/tools/validate-deployment.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { release as releaseOf } from '../../support/fake-ports.ts'
import { approverRule, fakeEnvironment, fakeProject } from '../../support/fake-project.ts'
import { trustAs } from '../../support/trust-as.ts'
import {
  approve,
  deploy,
  forgeDecision,
  promote,
  promoteApproved,
  rollBack,
  stage,
  tamper,
  tamperDecisions,
} from './journey.ts'

type Change = Parameters<typeof makeWorld>[0]

/** A promotion that waits, and the call that comes back with its approval. */
async function waiting(change: Change = {}, trusting?: string) {
  const world = makeWorld(change)
  await stage(world, 'v1')
  if (trusting) await trustAs(world.call, trusting)
  const { approval } = await promote(world.call, 'v1')
  const args = { approval_token: approval.id }
  return { world, id: approval.id, retry: (call = world.call) => promote(call, 'v1', args) }
}

async function stored(world: ReturnType<typeof makeWorld>, id: string) {
  return (await world.call.store.read((tables) => tables.approvals.get(id)))!
}

/** A consent that nobody gave, with everything in it that can be written without a key. */
function forged({ id, request }: Approval, changes: Partial<Decision>): Decision {
  const word = { verdict: 'approved', reason: null, code_sha256: null } as const
  return {
    id: 'dec_forged',
    approval_id: id,
    verdict: 'approved',
    method: 'ssh_signature',
    person: 'ada',
    identity: 'ada',
    level: 'L1',
    statement: canonicalJson(statementOf(0, request, word)),
    signature: null,
    url: null,
    decided_at: 0,
    ...changes,
  }
}

function refusedBecause(why: string | RegExp) {
  const message =
    typeof why === 'string'
      ? expect.stringContaining(`Invalid approval token for production deployment: ${why}`)
      : expect.stringMatching(why)
  return { code: 'invalid_approval', message }
}

describe('an approval', () => {
  it('that nobody decided yet keeps the caller waiting', async () => {
    const { id, retry } = await waiting()
    expect(await retry()).toMatchObject({ status: 'waiting_approval', approval: { id } })
  })

  it('is consumed once it is used, and says what it was worth', async () => {
    const { world, id, retry } = await waiting()
    await approve(world, id)
    const { deployment_id } = await retry()
    expect(await stored(world, id)).toMatchObject({
      state: 'consumed',
      consumed_by: deployment_id,
      decisions: [{ person: 'ada', level: 'L1', method: 'ssh_signature', verdict: 'approved' }],
    })
    const intent = (await world.call.audit.tail(10)).findLast(({ phase }) => phase === 'intent')
    expect(intent?.approval).toEqual({ method: 'ssh_signature', level: 'L1', by: 'ada' })
  })

  it('that was used stays used, whatever its row says, as long as its deployment ran', async () => {
    const { world, id, retry } = await waiting()
    world.pipeline.ends = 'failed'
    await approve(world, id)
    const { deployment_id } = await retry()
    await world.drive(String(deployment_id))
    tamper(world, id, { state: 'approved', consumed_by: null })
    await expect(retry()).rejects.toMatchObject({
      code: 'invalid_approval',
      message: `${id} was used before`,
    })
  })

  it('used again for what failed answers how that ended, not that it goes on', async () => {
    const { world, id, retry } = await waiting()
    world.pipeline.ends = 'failed'
    await approve(world, id)
    const { deployment_id } = await retry()
    await world.drive(String(deployment_id))
    const again = await retry()
    expect(again).toMatchObject({ deployment_id, deployment_status: 'failure' })
    expect(exitOfOutput(again)).toBe(exits.endedBadly)
  })

  it('reaches L0 where this user can write the program itself', async () => {
    const { world, id, retry } = await waiting()
    const reachable = ['/home/agent/gonogo/dist/main.js']
    world.call.programFiles = async () => reachable
    world.approvers.outOfReach = async (files) => !files.some((file) => reachable.includes(file))
    await approve(world, id)
    expect(await retry()).toMatchObject({ approved: { by: 'ada', level: 'L0' } })
  })

  it('copied to another id approves nothing', async () => {
    const { world, id } = await waiting()
    await approve(world, id)
    const copy = `apr_${'0'.repeat(26)}`
    tamper(world, id, { id: copy })
    await expect(promote(world.call, 'v1', { approval_token: copy })).rejects.toMatchObject(
      refusedBecause(/is a copy of another request/),
    )
  })

  it('that was rejected is refused by name', async () => {
    const { world, id, retry } = await waiting()
    await rejectRequest(world.as({ kind: 'human', name: 'bob' }), id, 'not on a Friday')
    await expect(retry()).rejects.toMatchObject(refusedBecause(`${id} was rejected by bob`))
  })

  it('that was replaced is refused', async () => {
    const { world, id, retry } = await waiting()
    await approve(world, id)
    await promote(world.call, 'v1', { skip_smoke_tests: true })
    await expect(retry()).rejects.toMatchObject(
      refusedBecause(`${id} was replaced by a newer request`),
    )
  })

  it('that expired is refused', async () => {
    const { world, id, retry } = await waiting()
    await approve(world, id)
    world.pass(31 * 60_000)
    await expect(retry()).rejects.toMatchObject(refusedBecause(`${id} expired`))
  })

  it('whose expiry was moved in the table still expires when the signed request says', async () => {
    const { world, id, retry } = await waiting()
    await approve(world, id)
    world.pass(31 * 60_000)
    tamper(world, id, { expires_at: '9999999999999' })
    await expect(retry()).rejects.toMatchObject(refusedBecause(`${id} expired`))
  })

  it('of somebody else is refused', async () => {
    const { world, id, retry } = await waiting()
    await approve(world, id)
    await expect(retry(world.as({ kind: 'agent', name: 'mallory' }))).rejects.toMatchObject(
      refusedBecause(`${id} belongs to agent:claude`),
    )
  })

  it.each<[string, (world: ReturnType<typeof makeWorld>) => Change, string]>([
    [
      'the configuration',
      () => ({ policyHash: '0'.repeat(64) }),
      'the configuration changed (policy_hash)',
    ],
    [
      'what production runs',
      (world) => {
        world.pipeline.running.set('production', releaseOf('7'))
        return {}
      },
      'production runs v7 (777777777777) now, and ran nothing known',
    ],
    [
      'how the outcome is verified',
      ({ call }) => {
        const [staging, production] = call.project.environments
        const environments = [staging!, { ...production!, verify: 'full' as const }]
        return { project: { ...call.project, environments } }
      },
      'verify',
    ],
  ])('is refused once %s changed, and names it', async (_, change, field) => {
    const { world, id, retry } = await waiting()
    await approve(world, id)
    const call = { ...world.call, ...change(world) }
    await expect(retry(call)).rejects.toMatchObject(
      refusedBecause(`the plan changed since ${id} was requested: ${field}`),
    )
  })

  it('for one environment approves nothing in another', async () => {
    const environments = [
      fakeEnvironment('staging', { approval: 'required' }),
      fakeEnvironment('production'),
    ]
    const world = makeWorld({ project: fakeProject({ environments }) })
    world.pipeline.running.set('staging', releaseOf('1'))
    await validateDeployment.call({ environment: 'staging', git_ref: 'v1' }, world.call)
    await runSmokeTests.call({ environment: 'staging' }, world.call)
    const { id } = (await deploy(world.call, 'v1')).approval
    await approve(world, id)
    await expect(promote(world.call, 'v1', { approval_token: id })).rejects.toMatchObject(
      refusedBecause(/the plan changed since .*: action; environment/),
    )
  })

  it('for a promotion approves no rollback', async () => {
    const { world, id } = await waiting()
    await promoteApproved(world, 'v1')
    await stage(world, 'v2')
    await promoteApproved(world, 'v2')
    const args = { environment: 'production', approval_token: id }
    await expect(rollBack(world.call, args)).rejects.toMatchObject({
      message: `Invalid approval token for production rollback: ${id} was used before`,
    })
  })
})

describe('a row that somebody edited', () => {
  it('to say "approved" approves nothing', async () => {
    const { world, id, retry } = await waiting()
    tamper(world, id, { state: 'approved' })
    await expect(retry()).rejects.toMatchObject(refusedBecause(`${id} carries no signature`))
  })

  it('to carry a made-up signature approves nothing', async () => {
    const { world, id, retry } = await waiting()
    tamper(world, id, { state: 'approved' })
    forgeDecision(world, forged(await stored(world, id), { signature: 'ada signed 0000' }))
    await expect(retry()).rejects.toMatchObject(refusedBecause(`${id}: incorrect signature`))
  })

  it('to carry a decision without a signature approves nothing', async () => {
    const { world, id, retry } = await waiting()
    tamper(world, id, { state: 'approved' })
    forgeDecision(world, forged(await stored(world, id), { signature: null, level: 'L2' }))
    await expect(retry()).rejects.toMatchObject(refusedBecause(`${id}: it carries no signature`))
  })

  it('to have a rejection read as an approval approves nothing', async () => {
    const { world, id, retry } = await waiting()
    const bob = world.as({ kind: 'human', name: 'bob' })
    await rejectRequest(bob, id, 'no', { file: 'bob', wanted: true })
    tamper(world, id, { state: 'approved' })
    tamperDecisions(world, id, { verdict: 'approved' })
    await expect(retry()).rejects.toMatchObject(refusedBecause(/what was signed says rejected/))
  })

  it('to carry the signature of another request approves nothing', async () => {
    const { world, id } = await waiting()
    await approve(world, id)
    const [decision] = (await stored(world, id)).decisions
    const other = await promote(world.call, 'v1', { skip_smoke_tests: true })
    tamper(world, other.approval.id, { state: 'approved' })
    forgeDecision(world, { ...decision!, id: 'dec_copy', approval_id: other.approval.id })
    const args = { skip_smoke_tests: true, approval_token: other.approval.id }
    await expect(promote(world.call, 'v1', args)).rejects.toMatchObject(
      refusedBecause(/what was signed is about another request/),
    )
  })

  it('to hold another plan than the one that was hashed approves nothing', async () => {
    const { world, id, retry } = await waiting()
    await approve(world, id)
    tamper(world, id, { plan: '{"action":"promote"}' })
    await expect(retry()).rejects.toMatchObject({ code: 'invalid_approval' })
  })

  it('to name another plan in the request breaks the signature', async () => {
    const { world, id, retry } = await waiting()
    await approve(world, id)
    const { request } = await stored(world, id)
    // As if the plan had been swapped and everything made to fit, save for the signature.
    const call = { ...world.call, policyHash: '0'.repeat(64) }
    const { plan_hash, plan } = await promote(call, 'v1', { dry_run: true })
    tamper(world, id, {
      plan: canonicalJson(plan),
      request: canonicalJson({ ...request, plan_hash }),
    })
    await expect(retry(call)).rejects.toMatchObject(
      refusedBecause(/what was signed is about another request/),
    )
  })
})

describe('the signer', () => {
  it('who was removed since then no longer counts', async () => {
    const { world, id, retry } = await waiting()
    await approve(world, id)
    world.approvers.known = world.approvers.known.filter(({ name }) => name !== 'ada')
    await expect(retry()).rejects.toMatchObject(
      refusedBecause(`${id}: the key belongs to no approver`),
    )
  })

  it('who asked for it is refused where two can approve', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const ada = world.as({ kind: 'human', name: 'ada' })
    const { approval } = await promote(ada, 'v1')
    await expect(approve(world, approval.id)).rejects.toMatchObject({ code: 'not_permitted' })
    await expect(approve(world, approval.id, 'bob')).resolves.toMatchObject({ approver: 'bob' })
  })

  it('who asked for it is refused when it comes to using it, too', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const ada = world.as({ kind: 'human', name: 'ada' })
    const both = world.approvers.known
    world.approvers.known = both.filter(({ name }) => name === 'ada')
    const { approval } = await promote(ada, 'v1')
    await approve(world, approval.id)
    world.approvers.known = both
    await expect(promote(ada, 'v1', { approval_token: approval.id })).rejects.toMatchObject(
      refusedBecause(/ada asked for this and may not approve it too/),
    )
  })

  it('is weighed again when the approval is used', async () => {
    const { world, id, retry } = await waiting({ project: strictProject() }, 'bob')
    await approve(world, id)
    world.signer.inAgent.add('SHA256:ada')
    await expect(retry()).rejects.toThrow(/reaches L0 here, and L1 is wanted/)
  })
})

function adminToken(token: string, changes: Partial<AdminToken> = {}): AdminToken {
  const sha256 = createHash('sha256').update(token).digest('hex')
  const label = `sha256:${sha256.slice(0, 12)}`
  return { label, sha256, expires_at: null, weakness: null, ...changes }
}

function strictProject() {
  return fakeProject({ approvals: { ...fakeProject().approvals, mode: 'strict' } })
}

describe('a static token', () => {
  const tokens = ['correct horse', 'battery staple']
  const adminTokens = tokens.map((token) => adminToken(token))

  it.each(tokens)('of the list is accepted and marked as what it is: %s', async (token) => {
    const world = makeWorld({ adminTokens })
    await stage(world, 'v1')
    const started = await promote(world.call, 'v1', { approval_token: token })
    expect(started.status).toBe('queued')
    expect(started.warnings).toContainEqual(expect.stringMatching(/static token.*level L0/))
    const digest = `sha256:${world.call.runtime.sha256(token).slice(0, 12)}`
    const lines = await world.call.audit.tail(20)
    expect(lines.findLast(({ phase }) => phase === 'intent')?.approval).toEqual({
      method: 'static_token',
      level: 'L0',
      by: digest,
    })
    expect(JSON.stringify(lines)).not.toContain(token)
    const row = await world.drive(String(started.deployment_id))
    expect(await stored(world, row.approval_id!)).toMatchObject({
      state: 'consumed',
      decisions: [{ method: 'static_token', level: 'L0', person: digest }],
    })
  })

  it('is compared with every entry, so that timing tells nothing', async () => {
    const world = makeWorld({ adminTokens })
    const compared: string[] = []
    const runtime = {
      ...world.call.runtime,
      sameSecret(left: string, right: string) {
        compared.push(left)
        return world.call.runtime.sameSecret(left, right)
      },
    }
    await stage(world, 'v1')
    await promote({ ...world.call, runtime }, 'v1', { approval_token: 'correct horse' })
    expect(compared.slice(-2)).toEqual(adminTokens.map(({ sha256 }) => sha256))
  })

  it.each([
    ['that is wrong', 'wrong horse'],
    ['that is the start of one', 'correct'],
    ['that looks like a request', 'apr_0000000000'],
  ])('%s is refused in the words of old, audited, and never repeated', async (_, token) => {
    const world = makeWorld({ adminTokens })
    await stage(world, 'v1')
    await expect(promote(world.call, 'v1', { approval_token: token })).rejects.toMatchObject({
      code: 'invalid_approval',
      message: 'Invalid approval token for production deployment',
    })
    const [line] = await world.call.audit.tail(1)
    expect(line).toMatchObject({
      operation: 'promote_to_production',
      success: false,
      details: { error: 'invalid_approval' },
    })
    expect(JSON.stringify(line)).not.toContain('horse')
    expect(world.pipeline.runs.size).toBe(1)
  })

  it('is refused without the list', async () => {
    const world = makeWorld()
    await stage(world, 'v1')
    const attempt = promote(world.call, 'v1', { approval_token: 'correct horse' })
    await expect(attempt).rejects.toThrow('Invalid approval token for production deployment')
  })

  it('is refused in strict mode', async () => {
    const world = makeWorld({ adminTokens, project: strictProject() })
    await trustAs(world.call, 'bob')
    await stage(world, 'v1')
    const attempt = promote(world.call, 'v1', { approval_token: 'correct horse' })
    await expect(attempt).rejects.toMatchObject(
      refusedBecause('approvals.mode is strict, which refuses static tokens'),
    )
  })

  it('is refused where nobody may approve what they asked for', async () => {
    const approvers = approverRule({ self_approval: 'forbidden' })
    const environments = [fakeEnvironment('staging'), fakeEnvironment('production', { approvers })]
    const world = makeWorld({ adminTokens, project: fakeProject({ environments }) })
    await stage(world, 'v1')
    const attempt = promote(world.call, 'v1', { approval_token: 'correct horse' })
    await expect(attempt).rejects.toMatchObject(
      refusedBecause('nobody may approve what they asked for, and a static token is nobody'),
    )
  })

  it('is refused where the environment wants more than L0', async () => {
    const environments = [
      fakeEnvironment('staging'),
      fakeEnvironment('production', { least_level: 'L1' }),
    ]
    const world = makeWorld({ adminTokens, project: fakeProject({ environments }) })
    await stage(world, 'v1')
    const attempt = promote(world.call, 'v1', { approval_token: 'correct horse' })
    await expect(attempt).rejects.toThrow(/reaches L0 here, and L1 is wanted/)
  })
})
