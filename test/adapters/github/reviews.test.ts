import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readEnvironments } from '../../../src/adapters/github/deployments/environments.ts'
import type { Pipeline, RunOf } from '../../../src/ports/pipeline.ts'
import { openBench, type Bench } from './bench.ts'
import { createGitHubClient } from '../../../src/adapters/github/client/client.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'

let bench: Bench
let deployment: RunOf
let pipeline: Pipeline

/** A deployment whose run waits for `ada` or `bob`. */
beforeEach(async () => {
  bench = await openBench()
  bench.hub.settings.environments.set('production', {
    reviewers: ['ada', 'bob', 'gonogo-bot'],
    preventSelfReview: true,
    waitMinutes: 0,
    branches: 'protected',
    variables: [],
    secrets: [],
  })
  pipeline = bench.process()
  const request = bench.request()
  deployment = request.deployment
  await pipeline.start(request)
  await bench.watch(deployment, ['waiting'])
})
afterEach(async () => {
  const { violations } = bench.hub
  await bench[Symbol.asyncDispose]()
  expect(violations).toEqual([])
})

const decide = (token: string, verdict: 'approved' | 'rejected' = 'approved') =>
  pipeline.reviews!.decide(deployment, { verdict, comment: 'seen in staging', token })

const sent = () =>
  bench.hub.requests.filter(
    ({ method, path }) => method === 'POST' && path.endsWith('/pending_deployments'),
  )

describe('a review that a run waits for', () => {
  it('ends the run when it is rejected; a lost answer is looked up, and nothing sent again', async () => {
    bench.fault({ method: 'POST', path: /pending_deployments$/, kind: { type: 'lose_answer' } })
    expect(await decide(bench.hub.person('bob'), 'rejected')).toEqual({ reviewer: 'bob' })
    expect(sent()).toHaveLength(1)
    expect(await bench.watch(deployment)).toMatchObject({
      state: 'failed',
      cause: expect.stringContaining('bob'),
    })
  })

  it('is shown with who may give it and where, refused from who may not, and given as a person', async () => {
    const { hub } = bench
    const [pending] = await pipeline.reviews!.pending(deployment)
    expect(pending).toMatchObject({
      environment: 'production',
      reviewers: ['ada', 'bob', 'gonogo-bot'],
      url: expect.stringMatching(/\/acme\/clinic\/actions\/runs\/\d+$/),
    })
    const notHere = 'gonogo-bot is who starts deployments here'
    const notNamed = 'does not let eve review this run (production: ada, bob'
    for (const [token, message] of [
      [hub.token, notHere],
      [hub.issueToken('gonogo-bot'), notHere],
      [hub.person('eve'), notNamed],
    ] as const) {
      await expect(decide(token)).rejects.toMatchObject({
        code: 'not_permitted',
        message: expect.stringContaining(message),
      })
    }
    expect(sent()).toEqual([])

    expect(await decide(hub.person('ada'))).toEqual({ reviewer: 'ada' })

    expect(sent()).toMatchObject([
      { login: 'ada', body: { state: 'approved', comment: 'seen in staging' } },
    ])
    expect(await pipeline.reviews!.pending(deployment)).toEqual([])
    await expect(decide(hub.person('bob'))).rejects.toMatchObject({
      code: 'unknown_approval',
      message: `the run of ${deployment.id} waits for no review`,
    })
    expect(await bench.watch(deployment)).toMatchObject({ state: 'succeeded' })
  })
})

it('environments are read with what protects them; unknown where the token may not see them', async () => {
  const client = createGitHubClient({
    settings: bench.settings,
    token: bench.hub.token,
    onToken: () => undefined,
    shutdown: new AbortController().signal,
    stateDirectory: bench.state,
    repository: bench.repository.directory,
    processes: createProcesses(),
    runtime: bench.runtime,
    commandEnv: {},
    env: {},
    version: '9.9.9',
  })
  expect(await readEnvironments(client)).toEqual([
    {
      name: 'production',
      reviewers: ['ada', 'bob', 'gonogo-bot'],
      preventsSelfReview: true,
      waitMinutes: 0,
      branches: 'protected',
    },
  ])
  bench.hub.settings.missingPermissions.add('actions=read')
  expect(await readEnvironments(client)).toBeNull()
})
