import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createPlatformApprovals } from '../../../src/adapters/github/approvals/platform-approvals.ts'
import { verifiesConsent } from '../../../src/adapters/github/approvals/verifies-consent.ts'
import { createGitHubPipeline } from '../../../src/adapters/github/pipeline.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { createApprovers } from '../../../src/adapters/ssh/approvers.ts'
import { createSigner } from '../../../src/adapters/ssh/signer.ts'
import type { Deployment } from '../../../src/core/deployment.ts'
import type { AssuranceLevel } from '../../../src/core/approval.ts'
import { importDecision } from '../../../src/desk/import-decision.ts'
import { exportRequest, reviewPortable, signPortable } from '../../../src/desk/portable.ts'
import type { Runtime } from '../../../src/ports/runtime.ts'
import { makeApprovers, type Approvers } from '../../examples/approvals.ts'
import { hour, makeWorld, type World } from '../../support/fake-context.ts'
import { fakeEnvironment, fakeProject } from '../../support/fake-project.ts'
import { promote } from '../../tools/support/journey.ts'
import { codeIn, say } from './approvals/said.ts'
import { openBench, type Bench } from './bench.ts'

// Two homes with stores of their own, and nothing between them but the stand-in for GitHub.

let bench: Bench
let people: Approvers
let ada: string
const logs: string[] = []
/** How long each job takes, on the stand-in's clock. */
let deployMs = 1000

beforeAll(async () => {
  people = makeApprovers()
  const file = join(import.meta.dirname, '../../../examples/workflows/cd.yml')
  bench = await openBench({
    workflow: 'reference.yml',
    files: { '.github/workflows/reference.yml': readFileSync(file, 'utf8') },
    // The script of the approval job looks at the real clock.
    clock: { manual: true, start: Date.now() },
    async scenario(job) {
      if (job.id !== 'approval') return { conclusion: 'success', durationMs: deployMs }
      const outcome = await job.execute()
      logs.push(outcome.logs?.['Verify the approval'] ?? '')
      return outcome
    },
  })
  ada = bench.hub.person('ada')
})
afterAll(async () => {
  await bench?.[Symbol.asyncDispose]()
  people?.close()
})

beforeEach(() => {
  const { settings } = bench.hub
  settings.rulesets = [{ branch: 'main', approvals: 1, bypass: 'never' }]
  settings.environments.set('production', {
    reviewers: [],
    preventSelfReview: false,
    waitMinutes: 0,
    branches: ['main'],
    variables: [],
    secrets: [],
  })
  settings.variables = { GONOGO_ALLOWED_SIGNERS: people.line('ada'), GONOGO_APPROVER_LOGINS: 'ada' }
  logs.length = 0
  deployMs = 1000
})
afterEach(() => expect(bench.hub.violations).toEqual([]))

function projectOf(least_level: AssuranceLevel) {
  const off = fakeEnvironment('production').checks
  const checks = Object.fromEntries(Object.keys(off).map((name) => [name, 'off'])) as typeof off
  const nothing = { url: null, version: null, health: {}, verify: 'off', variables: {} } as const
  const production = fakeEnvironment('production', { checks, least_level, ...nothing })
  const approvals = {
    ...fakeProject().approvals,
    github: 'issues' as const,
    people: { ada: { signers: ['ada'], github: ['ada'], users: [] } },
  }
  const github = { ...bench.settings, workflow: 'reference.yml' }
  return fakeProject({ pipeline: 'github', github, environments: [production], approvals })
}

let count = 0

/** A home: gonogo with a state directory and a store of its own. */
function machine(least_level: AssuranceLevel = 'L2'): World {
  const project = projectOf(least_level)
  const stateDirectory = join(bench.state, `home-${(count += 1)}`)
  const runtime: Runtime = { ...bench.runtime, sleep: patientSleep }
  const { environments, github } = project
  const parts = { ...bench.parts({ stateDirectory, project, environments, runtime }) }
  const deps = { ...parts, settings: github! }
  return makeWorld({
    project,
    runtime,
    pipeline: createGitHubPipeline(deps),
    platformApprovals: createPlatformApprovals({
      ...deps,
      verifiesConsent: (environment) => verifiesConsent(deps, environment),
    }),
  })
}

/** Time passes when somebody sleeps; the renewal of a lease only waits for its end. */
async function patientSleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  if (ms > hour && signal) await new Promise((_, wake) => signal.addEventListener('abort', wake))
  await bench.hub.clock.advance(ms)
}

/** Ada says yes in the newest issue, as the page of GitHub shows it. */
async function answerNewest(verb: 'approve' | 'reject' = 'approve'): Promise<void> {
  const posted = bench.hub.requests.filter(
    ({ method, path }) => method === 'POST' && path.endsWith('/issues'),
  )
  await say(bench.hub, ada, posted.length, `/${verb} ${await codeIn(bench.hub, posted.length)}`)
}

async function approvedByLogin(world: World): Promise<string> {
  const { approval } = await promote(world.call, 'v1')
  await answerNewest()
  return approval.id
}

const stateOf = async ({ call }: World, id: string) =>
  (await call.store.read((tables) => tables.approvals.get(id)))?.state

async function carriedOut(world: World, approval_token: string): Promise<Deployment> {
  const { deployment_id } = await promote(world.call, 'v1', { approval_token })
  return await world.drive(String(deployment_id))
}

it("is approved by a login elsewhere, at L2, and by the workflow's own look at the issue", async () => {
  const world = machine()
  const asked = await promote(world.call, 'v1')
  expect(asked).toMatchObject({ status: 'waiting_approval', approval: { level_wanted: 'L2' } })
  // A signature does not reach L2, so nobody is sent for one.
  expect(asked.next).toMatch(/^ask a person to answer in http\S+\/issues\/1, then call again/)
  const approval_token = asked.approval.id
  expect((await promote(world.call, 'v1', { approval_token })).status).toBe('waiting_approval')
  await answerNewest()
  expect(await carriedOut(world, approval_token)).toMatchObject({ status: 'success' })
  expect(logs.join('\n')).toContain('approved by "ada", requested by "agent:claude"')
  expect(await world.call.pipeline!.lock!.holder('production')).toBeNull()
})

it('is worth less than L2 where the token could change the workflow, or another branch may deploy', async () => {
  const { settings } = bench.hub
  const world = machine()
  const verified = async () =>
    world.call.platformApprovals!.verifiesConsent(world.call.project.environments[0]!)
  expect(await verified()).toEqual({ verified: true, problem: null })
  const open = { ...settings.environments.get('production')!, branches: 'all' as const }
  settings.environments.set('production', open)
  expect((await verified()).problem).toContain('other branches than main may deploy')
  settings.rulesets = [{ branch: 'main', approvals: 1, bypass: 'pull_requests_only' }]
  expect((await verified()).problem).toContain('may bypass the rules of main')
  settings.rulesets = [{ branch: 'main', approvals: 0, bypass: 'never' }]
  expect((await verified()).problem).toContain('no ruleset wants a review')
  const elsewhere = { ...projectOf('L2').environments[0]! }
  elsewhere.github = { ...elsewhere.github, workflow: 'cd.yml' }
  expect(await world.call.platformApprovals!.verifiesConsent(elsewhere)).toMatchObject({
    problem: expect.stringContaining('cd.yml does not ask which login consented'),
  })
  const approval_token = await approvedByLogin(world)
  expect(await promote(world.call, 'v1', { approval_token })).toMatchObject({
    status: 'waiting_approval',
    approval: { approved_by: [] },
  })
})

it('is signed on another machine, and carried out here', async () => {
  const world = machine('L0')
  const path = join(world.directory, 'approvers')
  writeFileSync(path, `${people.line('ada')}\n`)
  const approvers = createApprovers({ path })
  const processes = createProcesses()
  const signer = createSigner({ processes, env: {}, approvers, terminal: false })
  Object.assign(world.call, { approvers, signer })
  const { approval, next } = await promote(world.call, 'v1')
  expect(next).toContain(`run "gonogo approve ${approval.id}", or to answer in http`)
  const sent = JSON.stringify(await exportRequest(world.call, approval.id))
  const elsewhere = { ...bench.runtime }
  const { portable } = reviewPortable(sent, elsewhere)
  const signed = await signPortable(
    { runtime: elsewhere, signer },
    portable,
    people.key('ada'),
    null,
  )
  await importDecision(world.call, JSON.stringify(signed))
  expect(await carriedOut(world, approval.id)).toMatchObject({ status: 'success' })
  expect(logs.join('\n')).toContain('approved by "ada"')
})

it('of two promotions at once one wins; the other starts nothing, and its approval is as good as before', async () => {
  // Long enough that nobody finds it free because the other is done.
  deployMs = 200_000
  const [left, right] = [machine(), machine()]
  const worlds = [left, right]
  const tokens = [await approvedByLogin(left), await approvedByLogin(right)]
  const before = bench.dispatches().length
  const started = await Promise.all(
    worlds.map(({ call }, index) => promote(call, 'v1', { approval_token: tokens[index]! })),
  )
  const ended = await Promise.all(
    worlds.map((world, index) => world.drive(String(started[index]!.deployment_id))),
  )
  expect(ended.map(({ status }) => status).toSorted()).toEqual(['failure', 'success'])
  expect(bench.dispatches()).toHaveLength(before + 1)
  const lost = ended.findIndex(({ status }) => status === 'failure')
  const [winner, loser] = [ended[1 - lost]!, ended[lost]!]
  expect(loser.fault?.cause).toContain(`production is locked on the platform by agent:claude`)
  expect(loser.fault?.cause).toContain(winner.id)
  expect(await stateOf(worlds[lost]!, tokens[lost]!)).toBe('approved')
  expect(await stateOf(worlds[1 - lost]!, tokens[1 - lost]!)).toBe('consumed')
})

it('is refused before anything is used up while another machine has the environment', async () => {
  const [left, right] = [machine(), machine()]
  const approval_token = await approvedByLogin(right)
  const since = bench.hub.clock.now()
  const holder = {
    environment: 'production',
    id: 'dep_far',
    holder: 'agent:other',
    reason: 'v2',
    since,
  }
  await left.call.pipeline!.lock!.take(holder)
  const refusal = promote(right.call, 'v1', { approval_token })
  await expect(refusal).rejects.toMatchObject({
    code: 'environment_busy',
    message: expect.stringContaining(
      'production is locked on the platform by agent:other (v2, dep_far',
    ),
  })
  expect(await stateOf(right, approval_token)).not.toBe('consumed')
  await left.call.pipeline!.lock!.release('production', 'dep_far')
  expect(await carriedOut(right, approval_token)).toMatchObject({ status: 'success' })
})

it('goes on without the lock where the token may not write refs, and the next plan says so', async () => {
  const world = machine()
  const approval_token = await approvedByLogin(world)
  bench.hub.settings.missingPermissions.add('contents=write')
  expect(await carriedOut(world, approval_token)).toMatchObject({ status: 'success' })
  const { plan } = await promote(world.call, 'v1', { dry_run: true })
  bench.hub.settings.missingPermissions.clear()
  expect(plan.warnings).toContainEqual(
    expect.stringMatching(/other machines are not kept out: .*lacks contents=write/),
  )
})

it("keeps the reviews of GitHub's environment as evidence of the deployment", async () => {
  const { hub } = bench
  const environment = hub.settings.environments.get('production')!
  hub.settings.environments.set('production', { ...environment, reviewers: ['ada'] })
  const world = machine()
  const approval_token = await approvedByLogin(world)
  const { deployment_id } = await promote(world.call, 'v1', { approval_token })
  const id = String(deployment_id)
  const driven = world.drive(id)
  const deployment = () => world.call.store.read((tables) => tables.deployments.get(id))
  const token = ada
  for (let looks = 0; (await deployment())?.status !== 'waiting_approval' && looks < 500; looks++)
    await new Promise((resolve) => setTimeout(resolve, 10))
  const decision = { verdict: 'approved', comment: 'fine', token } as const
  await world.call.pipeline!.reviews!.decide((await deployment())!, decision)
  expect(await driven).toMatchObject({ status: 'success' })
  const evidence = await world.call.store.read((tables) => tables.evidence.ofDeployment(id))
  const reviews = evidence.filter(({ check }) => check.check_name === 'github_review')
  expect(reviews.map(({ check }) => check)).toMatchObject([
    {
      status: 'passed',
      message: 'ada approved production',
      details: { reviewer: 'ada', comment: 'fine' },
    },
  ])
})
