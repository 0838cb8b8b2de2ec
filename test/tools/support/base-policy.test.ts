import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { BasePolicy } from '../../../src/core/base-policy.ts'
import type { ApproverRule, Project } from '../../../src/core/project.ts'
import { underBasePolicy } from '../../../src/tools/support/base-policy.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { approverRule, fakeEnvironment, fakeProject } from '../../support/fake-project.ts'
import { trustAs } from '../../support/trust-as.ts'
import { approve, promote, rollBack, stage } from './journey.ts'

async function under(base: BasePolicy | null) {
  const { call } = makeWorld({ basePolicy: async () => base })
  return { call, held: await underBasePolicy(call, call.project.environments[1]!) }
}

test('what the branch demands holds for the call, its project and its environment', async () => {
  const checks = { ...fakeEnvironment('production').checks, docker_images: 'required' as const }
  const project = fakeProject({
    evidence_hours: 1,
    environments: [fakeEnvironment('staging'), fakeEnvironment('production', { checks })],
  })
  const { held, call } = await under({
    branch: 'main',
    sha: 'a',
    project,
    policy: null,
    problem: null,
  })
  expect(held.environment.checks.docker_images).toBe('required')
  expect(held.call.project.evidence_hours).toBe(1)
  expect(held.warnings).toEqual([
    'checks.docker_images is off here and required on main: required counts',
    'evidence_hours is 24 here and 1 on main: 1 counts',
  ])
  expect(held.problem).toBeNull()
  // What is signed is the policy as it is here.
  expect(held.call.policyHash).toBe(call.policyHash)
})

test('what cannot be satisfied here is a problem', async () => {
  const project = fakeProject({ tests: [] })
  const { held } = await under({ branch: 'main', sha: 'a', project, policy: null, problem: null })
  expect(held.problem).toMatch(/^tests is not what it is on main .*merge the change first$/)
})

test('a branch that tells nothing is said, or there is nothing to say', async () => {
  const unread = {
    branch: 'main',
    sha: 'a',
    project: null,
    policy: null,
    problem: 'it is no usable (x)',
  }
  const { held, call } = await under(unread)
  expect(held).toMatchObject({
    environment: call.project.environments[1],
    warnings: ['gonogo.yaml of main is not compared: it is no usable (x)'],
    problem: null,
  })
  expect((await under(null)).held).toMatchObject({ warnings: [], problem: null })
})

/** A release ready for production, where the branch wants this of approvals. */
async function stagedUnder(there: Partial<Project>, here: Partial<Project> = {}) {
  const [own, project] = [fakeProject(here), fakeProject(there)]
  const basePolicy = async () => ({
    branch: 'main',
    sha: 'a',
    project,
    policy: null,
    problem: null,
  })
  const sha256 = createHash('sha256').update('a-static-token').digest('hex')
  const token = { label: 'one', sha256, expires_at: null, weakness: null }
  const world = makeWorld({ project: own, adminTokens: [token], basePolicy })
  await stage(world, 'v1')
  return world
}

function guarded(approvers: Partial<ApproverRule>): Partial<Project> {
  const production = fakeEnvironment('production', { approvers: approverRule(approvers) })
  return { environments: [fakeEnvironment('staging'), production] }
}

test('two people approve where the branch wants two, whatever is said here', async () => {
  const world = await stagedUnder(guarded({ count: 2 }))
  const { approval } = await promote(world.call, 'v1')
  expect(approval).toMatchObject({ approvals_wanted: 2, approved_by: [] })
  expect(await approve(world, approval.id, 'ada')).toMatchObject({ state: 'open' })
  const args = { approval_token: approval.id }
  const half = await promote(world.call, 'v1', args)
  expect(half).toMatchObject({ status: 'waiting_approval', approval: { approved_by: ['ada'] } })
  expect(await approve(world, approval.id, 'bob')).toMatchObject({ state: 'approved' })
  expect(await promote(world.call, 'v1', args)).toMatchObject({
    status: 'queued',
    approved: { by: 'ada, bob', level: 'L1' },
  })
})

test('a rollback wants the people the branch wants, too', async () => {
  const world = await stagedUnder(guarded({ count: 2, self_approval: 'forbidden' }))
  const { call } = world
  for (const version of ['v1', 'v2']) {
    if (version === 'v2') await stage(world, version)
    const { approval } = await promote(call, version)
    for (const key of ['ada', 'bob']) await approve(world, approval.id, key)
    const { deployment_id } = await promote(call, version, { approval_token: approval.id })
    await world.drive(String(deployment_id))
  }
  const back = { environment: 'production' }
  const { approval } = await rollBack(call, back)
  expect(approval).toMatchObject({ approvals_wanted: 2 })
  await approve(world, approval.id, 'ada')
  const half = await rollBack(call, { ...back, approval_token: approval.id })
  expect(half).toMatchObject({ status: 'waiting_approval', approval: { approved_by: ['ada'] } })
  await expect(rollBack(call, { ...back, approval_token: 'a-static-token' })).rejects.toThrow(
    '2 people have to approve, and a static token is nobody',
  )
})

test('a static token does not satisfy the strict mode of the branch', async () => {
  const { call } = await stagedUnder({
    approvals: { ...fakeProject().approvals, mode: 'strict' },
  })
  await trustAs(call, 'ada')
  expect((await promote(call, 'v1')).approval.level_wanted).toBe('L1')
  const byToken = promote(call, 'v1', { approval_token: 'a-static-token' })
  await expect(byToken).rejects.toThrow('approvals.mode is strict, which refuses static tokens')
})

test('nobody approves their own request where the branch forbids it', async () => {
  const world = await stagedUnder(
    guarded({ self_approval: 'forbidden' }),
    guarded({ self_approval: 'allowed' }),
  )
  const ada = world.as({ kind: 'human', name: 'ada' })
  const { approval } = await promote(ada, 'v1')
  // Told where the person is, by the same rule that holds when it is used.
  const own = approve(world, approval.id, 'ada')
  await expect(own).rejects.toThrow('ada asked for this and may not approve it too')
})
