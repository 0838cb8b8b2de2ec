import { expect, test } from 'vitest'
import { approvalNamespace, type Approval, type Decision } from '../../../src/core/approval.ts'
import { canonicalJson } from '../../../src/core/canonical.ts'
import { revokeApproval } from '../../../src/desk/revoke.ts'
import { rejectRequest } from '../../../src/desk/reject.ts'
import { statementOf } from '../../../src/desk/sign-decision.ts'
import type { Call } from '../../../src/ports/context.ts'
import { requestApproval } from '../../../src/tools/support/approval-request.ts'
import { carryOut } from '../../../src/tools/support/carry-out.ts'
import { planFor } from '../../../src/tools/support/plan-for.ts'
import type { Planned } from '../../../src/tools/support/planned.ts'
import { makeWorld, type World } from '../../support/fake-context.ts'
import { approverRule, fakeEnvironment, fakeProject } from '../../support/fake-project.ts'
import { seeded, type Random } from '../../support/seeded.ts'
import { approve, forgeDecision, promote, stage, tamper, tamperDecisions } from './journey.ts'

const cases = 200

function twoPeople() {
  const approvers = approverRule({ count: 2, self_approval: 'forbidden' })
  const production = fakeEnvironment('production', { approvers })
  return fakeProject({ environments: [fakeEnvironment('staging'), production] })
}

async function stored({ call }: World, id: string): Promise<Approval> {
  return (await call.store.read((tables) => tables.approvals.get(id)))!
}

/** A decision on a request by whoever has that key. */
async function signedBy(world: World, { request }: Approval, key: string): Promise<Decision> {
  const word = { verdict: 'approved', reason: null, code_sha256: null } as const
  const statement = canonicalJson(statementOf(world.call.runtime.now(), request, word))
  return {
    id: world.call.runtime.id('dec'),
    approval_id: request.id,
    verdict: 'approved',
    method: 'ssh_signature',
    person: 'bob',
    identity: 'bob',
    level: 'L1',
    statement,
    signature: await world.signer.sign(statement, key, approvalNamespace),
    url: null,
    decided_at: 0,
  }
}

interface Case {
  world: World
  id: string
  random: Random
}

/** What is done to a request that Ada and Bob approved; resolves to another caller, if one uses it. */
const attacks: Record<string, (attack: Case) => Promise<Call | void>> = {
  async 'a field of the request'({ world, id, random }) {
    const { request } = await stored(world, id)
    const key = random.pick(Object.keys(request) as (keyof typeof request)[])
    const value = Array.isArray(request[key]) ? ['more'] : `${request[key]}1`
    tamper(world, id, { request: canonicalJson({ ...request, [key]: value }) })
  },
  async 'a field of the plan'({ world, id, random }) {
    const plan = JSON.parse((await stored(world, id)).plan) as Record<string, unknown>
    const key = random.pick(Object.keys(plan))
    const text = canonicalJson({ ...plan, [key]: 'another' })
    tamper(world, id, { plan: text })
    if (random.below(2) === 0) return
    const { request } = await stored(world, id)
    const plan_hash = world.call.runtime.sha256(text)
    tamper(world, id, { request: canonicalJson({ ...request, plan_hash }) })
  },
  // The plan of now is another one: the loop below hands it in.
  async 'the configuration'() {},
  async 'its end'({ world, id, random }) {
    tamper(world, id, { state: random.pick(['consumed', 'superseded', 'revoked', 'rejected']) })
  },
  async 'a revocation that the row hides'({ world, id }) {
    await revokeApproval(world.as({ kind: 'human', name: 'bob' }), id, null, 'bob')
    tamper(world, id, { state: 'approved' })
  },
  async 'another requester'({ world }) {
    return world.as({ kind: 'agent', name: 'mallory' })
  },
  async 'the row of one approver'({ world, id, random }) {
    const [ada] = (await stored(world, id)).decisions
    const column = random.pick(['statement', 'signature', 'verdict', 'method'] as const)
    const values = { statement: '{}', signature: 'ada signed 00', verdict: 'rejected' }
    tamperDecisions(world, id, { [column]: { ...values, method: 'github_login' }[column] })
    expect(ada).toBeDefined()
  },
}

/** The same for a request that Ada alone approved. */
const forgeries: Record<string, (attack: Case) => Promise<Call | void>> = {
  async nothing() {},
  async 'a state by hand'({ world, id }) {
    tamper(world, id, { state: 'approved' })
  },
  async 'a row by hand'({ world, id, random }) {
    const row = await signedBy(world, await stored(world, id), 'bob')
    const signature = random.pick([null, '', 'bob signed 00', (row.signature ?? '').slice(0, -1)])
    forgeDecision(world, { ...row, signature })
    tamper(world, id, { state: 'approved' })
  },
  async 'a foreign key'({ world, id }) {
    forgeDecision(world, await signedBy(world, await stored(world, id), 'mallory'))
    tamper(world, id, { state: 'approved' })
  },
  async "Ada's key once more, as Bob's"({ world, id }) {
    forgeDecision(world, await signedBy(world, await stored(world, id), 'ada'))
    tamper(world, id, { state: 'approved' })
  },
  async 'a static token in a row'({ world, id }) {
    const row = await signedBy(world, await stored(world, id), 'mallory')
    forgeDecision(world, { ...row, method: 'static_token', signature: null })
    tamper(world, id, { state: 'approved' })
  },
  async 'a rejection read as consent'({ world, id }) {
    const bob = world.as({ kind: 'human', name: 'bob' })
    await rejectRequest(bob, id, null, { file: 'bob', wanted: true })
    tamperDecisions(world, id, { verdict: 'approved' })
    tamper(world, id, { state: 'approved' })
  },
}

/** Asked for by somebody of their own, and approved by those keys: what `approve` leaves in the store. */
async function approved(world: World, call: Call, planned: Planned, keys: string[]) {
  const { approval } = await requestApproval(call, planned)
  const decisions = await Promise.all(keys.map((key) => signedBy(world, approval, key)))
  await world.call.store.write(async ({ approvals }) => {
    for (const decision of decisions) await approvals.decide(decision)
    if (keys.length > 1) await approvals.move(approval.id, 'open', 'approved')
  })
  return approval.id
}

test(`${cases} ways to a deployment that two people did not approve lead to none`, async () => {
  const world = makeWorld({ project: twoPeople() })
  await stage(world, 'v1')
  const [staging, environment] = world.call.project.environments
  expect(staging?.name).toBe('staging')
  const wanted = { environment: environment!, git_ref: 'v1' }
  const planned = await planFor(world.call, wanted)
  const reconfigured = await planFor({ ...world.call, policyHash: '0'.repeat(64) }, wanted)
  const random = seeded(6)
  const ways = [
    ...Object.entries(attacks).map(([name, act]) => ({ name, act, keys: ['ada', 'bob'] })),
    ...Object.entries(forgeries).map(([name, act]) => ({ name, act, keys: ['ada'] })),
  ]
  const started: string[] = []
  for (let index = 0; index < cases; index++) {
    const { name, act, keys } = ways[index % ways.length]!
    const requester = world.as({ kind: 'agent', name: `case-${index}` })
    const id = await approved(world, requester, planned, keys)
    const call = (await act({ world, id, random })) ?? requester
    const now = name === 'the configuration' ? reconfigured : planned
    const use = carryOut(call, now, { approval_token: id, dry_run: false })
    const answer = await use.catch((error: Error) => error)
    const held = answer instanceof Error || answer.status === 'waiting_approval'
    if (!held) started.push(`${name}: ${answer.status}`)
  }
  expect(started).toEqual([])
  const { total } = await world.call.store.read(({ deployments }) =>
    deployments.list({ environment: 'production', limit: 1 }),
  )
  expect(total).toBe(0)
  // Nothing of this stands in the way of what they did approve.
  const id = await approved(world, world.call, planned, ['ada', 'bob'])
  const use = await carryOut(world.call, planned, { approval_token: id, dry_run: false })
  expect(use).toMatchObject({ status: 'queued', grant: { by: 'ada, bob' } })
})

test('of two that use one approval at once, one starts it', async () => {
  const world = makeWorld({ project: twoPeople() })
  await stage(world, 'v1')
  for (let round = 0; round < 3; round++) {
    const args = { allow_older: round % 2 === 0 }
    const { id } = (await promote(world.call, 'v1', args)).approval
    await approve(world, id, 'ada')
    await approve(world, id, 'bob')
    const use = () => promote(world.call, 'v1', { ...args, approval_token: id })
    const answers = await Promise.allSettled([use(), use(), use()])
    const ids = answers.flatMap((answer) =>
      answer.status === 'fulfilled' ? [answer.value.deployment_id] : [],
    )
    expect(new Set(ids).size).toBe(1)
    const rows = await world.call.store.read(({ deployments }) => deployments.byApproval(id))
    expect(rows.map((row) => row.id)).toEqual([ids[0]])
    await world.drive(String(ids[0]))
    expect((await stored(world, id)).state).toBe('consumed')
  }
})

test('two people under one requester: nobody approves their own', async () => {
  const world = makeWorld({ project: twoPeople() })
  await world.approvers.add('carol', await world.signer.inspect('carol'))
  await stage(world, 'v1')
  const ada = world.as({ kind: 'human', name: 'ada' })
  const { id } = (await promote(ada, 'v1')).approval
  await expect(approve(world, id, 'ada')).rejects.toThrow('may not approve it too')
  forgeDecision(world, await signedBy(world, await stored(world, id), 'ada'))
  await approve(world, id, 'bob')
  const use = () => promote(ada, 'v1', { approval_token: id })
  expect(await use()).toMatchObject({
    status: 'waiting_approval',
    approval: { approved_by: ['bob'] },
    warnings: expect.arrayContaining([expect.stringContaining('ada asked for this')]),
  })
  await approve(world, id, 'carol')
  expect(await use()).toMatchObject({ status: 'queued', approved: { by: 'bob, carol' } })
})

test('an approval is over at the end of its time, by the request that was signed', async () => {
  const world = makeWorld({ project: twoPeople() })
  await stage(world, 'v1')
  const { id } = (await promote(world.call, 'v1')).approval
  for (const key of ['ada', 'bob']) await approve(world, id, key)
  world.pass(31 * 60_000)
  tamper(world, id, { expires_at: '9999999999999' })
  await expect(promote(world.call, 'v1', { approval_token: id })).rejects.toThrow(`${id} expired`)
})
