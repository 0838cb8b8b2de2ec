import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { environmentProtection } from '../../../src/tools/checks/environment-protection.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeEnvironment } from '../../support/fake-project.ts'
import { hubEnvironment, openGitHub, resetSettings, type GitHubBench } from './on-github.ts'

let bench: GitHubBench
let gated: GitHubBench

beforeAll(async () => {
  bench = await openGitHub()
  gated = await openGitHub({ gate: true })
})

afterAll(async () => {
  const seen = [...bench.hub.violations, ...gated.hub.violations]
  await bench.close()
  await gated.close()
  expect(seen).toEqual([])
})

beforeEach(() => {
  resetSettings(bench.hub)
  resetSettings(gated.hub)
})

type Settings = Parameters<typeof hubEnvironment>[0]

async function ask(settings: Settings, { hub, ask: run } = bench) {
  hub.settings.environments.set('Production', hubEnvironment(settings))
  const production = {
    checks: { ...fakeEnvironment('x').checks, environment_protection: 'required' },
  } as const
  return await run(environmentProtection, { production })
}

it('passes where somebody else decides and branches are limited, and tells what weakens it', async () => {
  const branches = ['main', 'release/*']
  const check = await ask({ reviewers: ['ada', 'acme/ops'], branches, adminsMayBypass: true })
  expect(check).toMatchObject({
    status: 'passed',
    ran: true,
    message:
      'Production: reviewed by ada, team:ops; only main, release/*; who starts a run may review it; administrators may bypass it',
    details: { reviewers: ['ada', 'team:ops'], branches: { patterns: branches } },
  })
  const strict = await ask({ reviewers: ['ada'], preventSelfReview: true, branches })
  expect(strict.message).toBe('Production: reviewed by ada; only main, release/*')
})

it('takes an app that has to agree for a decision', async () => {
  const check = await ask({ apps: ['change-board'], branches: ['main'] })
  expect(check).toMatchObject({
    status: 'passed',
    message: expect.stringContaining('decided by the app change-board'),
  })
})

it('takes a workflow that verifies the approval for a decision, and one that does not for none', async () => {
  expect(await ask({ branches: ['main'] }, gated)).toMatchObject({
    status: 'passed',
    message: 'Production: its workflow verifies the approval; only main',
    details: { workflow_verifies_approval: true },
  })
  expect(await ask({ branches: ['main'] })).toMatchObject({
    status: 'failed',
    ran: true,
    message: expect.stringMatching(/nobody but who starts it decides .*add required reviewers/),
  })
})

it('warns where only the workflow asks, and one may make a branch with another', async () => {
  expect(await ask({ branches: ['main', 'release/*'] }, gated)).toMatchObject({
    status: 'warning',
    ran: true,
    message: expect.stringMatching(
      /a branch or tag that fits release\/\* .*name the branches, or add/,
    ),
  })
  const reviewed = await ask({ reviewers: ['ada'], branches: ['main', 'release/*'] }, gated)
  expect(reviewed.status).toBe('passed')
})

it.each([
  [
    'all branches may',
    'all',
    /^any branch may deploy to Production, .*limit its deployment branches/,
  ],
  ['a pattern fits all of them', ['main', '*'], /the pattern \* fits them/],
  ['a pattern of signs fits all of them', ['?*'], /the pattern \?\* fits them/],
  ['only protected ones may and none is', 'protected', /only protected ones may, and none is/],
] as const)('fails where %s', async (_, branches, message) => {
  const limits = typeof branches === 'string' ? branches : [...branches]
  const check = await ask({ reviewers: ['ada'], branches: limits }, gated)
  expect(check).toMatchObject({
    status: 'failed',
    ran: true,
    message: expect.stringMatching(message),
  })
})

it('passes with protected branches once there is one', async () => {
  bench.hub.settings.requiredChecks.set('main', { ruleset: ['build'], classic: [] })
  const check = await ask({ reviewers: ['ada'], branches: 'protected' })
  expect(check).toMatchObject({
    status: 'passed',
    message: expect.stringContaining('only protected branches'),
  })
})

it('warns where the login that starts deployments may review them', async () => {
  const settings = { reviewers: ['ada', 'Gonogo-Bot'], branches: ['main'] }
  expect(await ask(settings)).toMatchObject({
    status: 'warning',
    ran: true,
    message: expect.stringMatching(/^Gonogo-Bot, .*switch on "Prevent self-review"/),
  })
  expect((await ask({ ...settings, preventSelfReview: true })).status).toBe('passed')
})

it('fails for an environment that does not exist', async () => {
  expect(await bench.ask(environmentProtection)).toMatchObject({
    status: 'failed',
    ran: true,
    message: expect.stringMatching(/production does not exist: .*make and protect it/),
  })
})

it('could not run where it may not look, naming the permission', async () => {
  bench.hub.settings.missingPermissions.add('actions=read')
  expect(await ask({ reviewers: ['ada'] })).toMatchObject({
    status: 'failed',
    ran: false,
    message: expect.stringContaining('give the token actions=read'),
  })
})

it.each([
  [
    /deployment-branch-policies/,
    ['ada'],
    /branches .* cannot be seen: give the token actions=read/,
  ],
  [/deployment_protection_rules/, [], /its protection rules cannot be seen: give the token/],
  [/contents/, [], /its workflow could not be read: gonogo preflight tells why/],
])('could not run where %s, which decides, cannot be seen', async (path, reviewers, message) => {
  bench.hub.faults.push({ path, times: 9, kind: { type: 'status', status: 404 } })
  const check = await ask({ reviewers, branches: ['main'] })
  expect(check).toMatchObject({ ran: false, message: expect.stringMatching(message) })
})

it('could not run while GitHub is down', async () => {
  bench.hub.faults.push({ path: /environments/, times: 9, kind: { type: 'status', status: 503 } })
  const check = await ask({ reviewers: ['ada'] })
  expect(check).toMatchObject({
    ran: false,
    message: expect.stringMatching(/GitHub answered 503.*gonogo doctor/),
  })
})

it('is only about environments whose deployments somebody guards, and a platform that protects', () => {
  const { call } = makeWorld()
  const applies = (name: string, approval: 'required' | 'none') =>
    environmentProtection.applies?.(
      { ...call, pipeline: { ...call.pipeline!, protection: async () => null } },
      fakeEnvironment(name, { approval }),
    )
  expect(applies('production', 'none')).toBe(true)
  expect(applies('staging', 'required')).toBe(true)
  expect(applies('staging', 'none')).toBe(false)
  expect(environmentProtection.applies?.(call, fakeEnvironment('production'))).toBe(false)
})
