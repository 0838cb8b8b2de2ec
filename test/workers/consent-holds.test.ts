import { expect, test } from 'vitest'
import { approvalNamespace, type ApprovalRequest } from '../../src/core/approval.ts'
import type { BasePolicy } from '../../src/core/base-policy.ts'
import { canonicalJson } from '../../src/core/canonical.ts'
import type { Deployment } from '../../src/core/deployment.ts'
import type { Plan } from '../../src/core/plan.ts'
import { statementOf } from '../../src/desk/sign-decision.ts'
import { makeWorld, type World } from '../support/fake-context.ts'
import { approverRule, fakeEnvironment, fakeProject } from '../support/fake-project.ts'
import { approve, forgeDecision, promote, stage, tamper } from '../tools/support/journey.ts'

/** Two people, whose word has to be worth L1. */
function twoAtL1() {
  const approvers = approverRule({ count: 2 })
  const production = fakeEnvironment('production', { approvers, least_level: 'L1' })
  return fakeProject({ environments: [fakeEnvironment('staging'), production] })
}

test('what the branch demands holds when the run is started, too', async () => {
  let base: BasePolicy | null = null
  const world = makeWorld({ basePolicy: async () => base })
  await stage(world, 'v1')
  const { approval } = await promote(world.call, 'v1')
  await approve(world, approval.id)
  const { deployment_id } = await promote(world.call, 'v1', { approval_token: approval.id })
  base = { branch: 'main', sha: 'a', project: twoAtL1(), policy: null, problem: null }
  const row = await world.drive(String(deployment_id))
  expect(row.fault?.cause).toBe('its approval does not hold: nothing was started')
  expect(world.pipeline.running.has('production')).toBe(false)
})

/** A deployment that was never admitted, on a request that one approver signed as something else. */
async function rowByHand(world: World, id: string, change: Partial<ApprovalRequest>) {
  const { store, runtime } = world.call
  const approval = (await store.read((tables) => tables.approvals.get(id)))!
  const request = { ...approval.request, ...change }
  const word = { verdict: 'approved', reason: null, code_sha256: null } as const
  const statement = canonicalJson(statementOf(runtime.now(), request, word))
  tamper(world, id, {
    request: canonicalJson(request),
    state: 'consumed',
    consumed_by: 'dep_by_hand',
  })
  forgeDecision(world, {
    id: 'dec_by_hand',
    approval_id: id,
    verdict: 'approved',
    method: 'ssh_signature',
    person: 'ada',
    identity: 'ada',
    level: 'L1',
    statement,
    signature: await world.signer.sign(statement, 'ada', approvalNamespace),
    url: null,
    decided_at: 0,
  })
  const plan = JSON.parse(approval.plan) as Plan
  const { rows } = await store.read((tables) => tables.deployments.list({ limit: 1 }))
  const row: Deployment = {
    ...rows[0]!,
    id: 'dep_by_hand',
    environment: 'production',
    kind: 'promotion',
    status: 'queued',
    phase: 'starting',
    release: plan.release,
    plan: approval.plan,
    plan_hash: request.plan_hash,
    approval_id: id,
    run_id: null,
    completed_at: null,
    due_at: 0,
  }
  await store.write((tables) => tables.deployments.insert(row))
  return await world.drive(row.id)
}

test('one word for an emergency is none for a plan that breaks no glass', async () => {
  const world = makeWorld({ project: twoAtL1() })
  await stage(world, 'v1')
  const { approval } = await promote(world.call, 'v1')
  const row = await rowByHand(world, approval.id, { kind: 'break_glass' })
  expect(row.fault?.cause).toBe('its approval is about something else: nothing was started')
  expect(world.pipeline.running.has('production')).toBe(false)
})
