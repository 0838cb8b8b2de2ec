import { expect, it } from 'vitest'
import { platformFacts, type PlatformDeps } from '../../../src/adapters/github/platform.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import { fakeEnvironment, fakeProject } from '../../support/fake-project.ts'
import { failureOf, installApp, json, settings, useBench } from './client/bench.ts'

const bench = useBench()

const environment = {
  reviewers: ['ada'],
  preventSelfReview: true,
  waitMinutes: 0,
  branches: 'protected' as const,
  variables: [],
  secrets: [],
}

const deps = (client: PlatformDeps['client']): PlatformDeps => ({
  client,
  settings: { workflow: 'cd.yml', lock: 'auto' },
  project: fakeProject(),
  environments: [
    fakeEnvironment('staging'),
    fakeEnvironment('production', {
      github: { environment: 'production', workflow: 'other.yml', job: null, inputs: {} },
    }),
  ],
  runtime: createRuntime(),
})

it('tells who the token is, what it can do, and what is unknown without a change', async () => {
  const one = bench()
  const hub = await one.hub()
  hub.settings.environments.set('production', environment)
  hub.settings.missingPermissions.add('statuses=read')
  const facts = await platformFacts(deps(one.client(hub.apiUrl, { token: hub.token })))
  expect(facts).toMatchObject({
    name: expect.stringMatching(/^acme\/clinic on http/),
    identity: { login: 'gonogo-bot', source: 'GITHUB_TOKEN', expires_at: null },
    workflows: [
      { file: 'cd.yml', state: 'ready' },
      { file: 'other.yml', state: 'missing' },
    ],
    environments: [{ name: 'production', reviewers: ['ada'], branches: 'protected' }],
  })
  expect(facts.limit?.of).toBe(5000)
  expect(Math.abs(facts.clock_ahead_ms ?? Infinity)).toBeLessThan(30_000)
  const abilities = Object.fromEntries(
    facts.abilities.map(({ permission, can }) => [permission, can]),
  )
  expect(abilities).toEqual({
    'contents=read': true,
    'actions=read': true,
    'deployments=read': true,
    'checks=read': true,
    'statuses=read': false,
    'variables=read': true,
    'secrets=read': true,
    'environments=read': true,
    'pull_requests=read': true,
    'actions=write': null,
    'deployments=write': null,
    'contents=write': null,
  })
  const denied = facts.abilities.find(({ can }) => can === false)
  expect(denied?.problem).toContain('the token lacks statuses=read')
  expect(hub.requests.map(({ method }) => method)).not.toContain('POST')
  expect(hub.violations).toEqual([])
})

/** Whether a token of such headers may start runs in such a repository. */
const starts = async (headers: Record<string, string>, repository: object) => {
  const one = bench()
  const url = await one.serve((request, response) => {
    const isRepository = request.url === '/repos/acme/clinic'
    const data = isRepository ? { default_branch: 'main', ...repository } : []
    json(response, data, headers, request.url?.startsWith('/rate_limit') ? 404 : 200)
  })
  const facts = await platformFacts(deps(one.client(url)))
  expect(facts.limit).toBeNull()
  return facts.abilities.find(({ permission }) => permission === 'actions=write')
}

it('knows from the scopes of a classic token, and the role of its owner, what it may start', async () => {
  const writer = { permissions: { push: true } }
  expect((await starts({ 'x-oauth-scopes': 'repo, user' }, writer))?.can).toBe(true)
  expect(await starts({ 'x-oauth-scopes': 'gist' }, writer)).toMatchObject({
    can: false,
    problem: 'its scopes are gist, and repo is missing',
  })
  expect((await starts({ 'x-oauth-scopes': 'repo' }, { permissions: { push: false } }))?.can).toBe(
    false,
  )
  expect((await starts({}, { ...writer, archived: true }))?.problem).toContain('archived')
})

it('says nothing of environments where there is none to look into', async () => {
  const one = bench()
  const hub = await one.hub()
  const { abilities } = await platformFacts(deps(one.client(hub.apiUrl, { token: hub.token })))
  expect(abilities.map(({ permission }) => permission)).not.toContain('environments=read')
})

it('knows what an App may do', async () => {
  const one = bench()
  const hub = await one.hub()
  const app = installApp(hub, one.directory)
  const client = one.client(hub.apiUrl, { settings: { ...settings, api_url: hub.apiUrl, app } })
  const { abilities, identity } = await platformFacts(deps(client))
  expect(identity).toMatchObject({
    login: 'acme-deployer[bot]',
    source: 'the GitHub App 12 (github.app)',
  })
  expect(abilities.filter(({ permission }) => permission.endsWith('=write'))).toMatchObject([
    { permission: 'actions=write', can: true },
    { permission: 'deployments=write', can: true },
    { permission: 'contents=write', can: false, optional: true },
  ])
})

it('fails when the repository cannot be seen', async () => {
  const one = bench()
  const url = await one.serve((_, response) => json(response, { message: 'Not Found' }, {}, 404))
  const { message } = await failureOf(platformFacts(deps(one.client(url))))
  expect(message).toMatch(
    /shows no repository acme\/clinic .*name is wrong, or the token was not given it/,
  )
})
