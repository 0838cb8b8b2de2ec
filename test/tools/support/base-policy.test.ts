import { expect, test } from 'vitest'
import type { BasePolicy } from '../../../src/core/base-policy.ts'
import type { Project } from '../../../src/core/project.ts'
import { underBasePolicy } from '../../../src/tools/support/base-policy.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeEnvironment, fakeProject } from '../../support/fake-project.ts'
import { trustAs } from '../../support/trust-as.ts'
import { approve, promote, stage } from './journey.ts'

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
  const { held, call } = await under({ branch: 'main', sha: 'a', project, problem: null })
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
  const { held } = await under({ branch: 'main', sha: 'a', project, problem: null })
  expect(held.problem).toMatch(/^tests is not what it is on main .*merge the change first$/)
})

test('a branch that tells nothing is said, or there is nothing to say', async () => {
  const unread = { branch: 'main', sha: 'a', project: null, problem: 'it is no usable (x)' }
  const { held, call } = await under(unread)
  expect(held).toMatchObject({
    environment: call.project.environments[1],
    warnings: ['gonogo.yaml of main is not compared: it is no usable (x)'],
    problem: null,
  })
  expect((await under(null)).held).toMatchObject({ warnings: [], problem: null })
})

/** A release ready for production, where the branch wants this of approvals. */
async function stagedUnder(change: Partial<Project['approvals']>, here: Partial<Project> = {}) {
  const own = fakeProject(here)
  const project = { ...own, approvals: { ...own.approvals, ...change } }
  const basePolicy = async () => ({ branch: 'main', sha: 'a', project, problem: null })
  const world = makeWorld({ project: own, adminTokens: ['a-static-token'], basePolicy })
  await stage(world, 'v1')
  return world
}

test('a static token does not satisfy the strict mode of the branch', async () => {
  const { call } = await stagedUnder({ mode: 'strict' })
  await trustAs(call, 'ada')
  expect((await promote(call, 'v1')).approval.level_wanted).toBe('L1')
  const byToken = promote(call, 'v1', { approval_token: 'a-static-token' })
  await expect(byToken).rejects.toThrow('approvals.mode is strict, which refuses static tokens')
})

test('nobody approves their own request where the branch forbids it', async () => {
  const { approvals } = fakeProject()
  const here = { approvals: { ...approvals, self_approval: 'allowed' as const } }
  const world = await stagedUnder({ self_approval: 'forbidden' }, here)
  const ada = world.as({ kind: 'human', name: 'ada' })
  const { approval } = await promote(ada, 'v1')
  await approve(world, approval.id, 'ada')
  const byOwn = promote(ada, 'v1', { approval_token: approval.id })
  await expect(byOwn).rejects.toThrow('ada asked for this and may not approve it too')
})
