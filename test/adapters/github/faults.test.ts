import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Failure } from '../../../src/core/failure.ts'
import type { PreflightReport } from '../../../src/core/preflight.ts'
import type { Pipeline, RunRequest } from '../../../src/ports/pipeline.ts'
import type { PreflightRequest } from '../../../src/ports/preflighter.ts'
import { until } from '../../support/until.ts'
import { openBench, type Bench } from './bench.ts'

// One stand-in for all: what earlier tests left there must not disturb later ones either.
let bench: Bench
let before = 0
beforeAll(async () => void (bench = await openBench({ preflighter: { examine: foreseen } })))
beforeEach(() => void (before = bench.dispatches().length))
afterEach(() => {
  ;(bench.hub.faults as unknown[]).length = 0
  bench.how.scenario = () => ({ conclusion: 'success' })
  expect(bench.hub.violations).toEqual([])
})
afterAll(() => bench[Symbol.asyncDispose]())

/** All that a start takes from the preflight: which jobs deploy. Working it out is tested elsewhere. */
async function foreseen({ file, event, environment }: PreflightRequest): Promise<PreflightReport> {
  const job = { runs: true, reason: '', environment }
  const jobs = [
    { id: 'deploy', ...job },
    { id: 'deploy', name: 'Deploy it', ...job },
  ]
  return { file, event, jobs, findings: [], deploys: [], unknown: [] }
}

const posts = () => bench.dispatches().length - before
const plain = () => bench.process({ workflow: 'plain.yml' })

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  return await work.then(
    () => expect.unreachable('it did not fail'),
    (error: Failure) => error,
  )
}

async function actorOf(runId: string): Promise<string> {
  const url = `${bench.hub.apiUrl}/repos/${bench.hub.repository}/actions/runs/${runId}`
  const headers = { authorization: `Bearer ${bench.hub.token}` }
  const run = (await (await fetch(url, { headers })).json()) as { actor: { login: string } }
  return run.actor.login
}

/** What a deployment that was started is, to every process that looks. */
async function succeeds(pipeline: Pipeline, request: RunRequest, run_id: string) {
  const run = await bench.watch({ ...request.deployment, run_id }, undefined, pipeline)
  expect(run).toMatchObject({ run_id, state: 'succeeded' })
}

/** A process that stands still between its record and its request; `meanwhile` happens to the record. */
function stall(meanwhile: (file: string) => void, ms: number, { deployment }: RunRequest) {
  let late = 0
  const now = () => bench.runtime.now() + late
  function reached(point: string): void {
    if (point !== 'github.intent-written') return
    meanwhile(join(bench.state, 'github', 'runs', `${deployment.id}.json`))
    late = ms
  }
  return bench.process({ runtime: { ...bench.runtime, now, reached } })
}

function giveUp(file: string): void {
  const record = JSON.parse(readFileSync(file, 'utf8')) as object
  const given_up = { code: 'run_not_started', cause: 'another keeper looked in vain' }
  writeFileSync(file, JSON.stringify({ ...record, given_up }))
}

function dieBeforeSending(point: string): void {
  if (point === 'github.intent-written') throw new Error('killed')
}

const startOne = async (workflow = 'cd.yml') => {
  const request = bench.request()
  const pipeline = bench.process({ workflow })
  const { run_id } = await pipeline.start(request)
  return { pipeline, deployment: { ...request.deployment, run_id } }
}

const startWaiting = async () => {
  const request = bench.request()
  const { run_id } = await bench.process().start(request)
  const deployment = { ...request.deployment, run_id }
  const run = await bench.watch(deployment, ['waiting'])
  return { deployment, run }
}

const cancels = (verb: string) =>
  bench.hub.requests.filter(({ method, path }) => method === 'POST' && path.endsWith(`/${verb}`))

const startLong = async () => {
  bench.how.scenario = () => ({ conclusion: 'success', durationMs: 600_000 })
  const request = bench.request()
  const { run_id } = await bench.process().start(request)
  await bench.hub.clock.advance(1000)
  return { request, deployment: { ...request.deployment, run_id } }
}

describe('the answer to a dispatch is lost', () => {
  it.each([
    ['cd.yml', 'a reset', { type: 'lose_answer' }],
    ['plain.yml', 'a 502', { type: 'answer_instead', status: 502 }],
  ] as const)(
    '(%s) in %s, and the run is there: one dispatch, and it is found',
    async (workflow, _, kind) => {
      const pipeline = bench.process({ workflow })
      const request = bench.request()
      bench.onDispatch(kind)
      const run = await pipeline.start(request)
      expect(await pipeline.start(request)).toMatchObject({ run_id: run.run_id })
      expect(posts()).toBe(1)
      await succeeds(pipeline, request, run.run_id)
    },
  )

  it.each([
    ['plain.yml', 'a reset', { type: 'reset' }],
    ['cd.yml', 'a 502', { type: 'status', status: 502 }],
  ] as const)(
    '(%s) in %s, and there is no run: not started, and told so',
    async (workflow, _, kind) => {
      const pipeline = bench.process({ workflow })
      const request = bench.request()
      bench.onDispatch(kind)
      const since = bench.hub.clock.now()
      const failure = await failureOf(pipeline.start(request))

      expect(failure).toMatchObject({ code: 'run_not_started' })
      expect(failure.message).toContain('GitHub gave no answer to the start of')
      const waited = bench.hub.clock.now() - since
      expect(waited).toBeGreaterThanOrEqual(120_000)
      expect(waited).toBeLessThan(150_000)
      // The same deployment is never sent again; the next one is.
      expect(await failureOf(bench.process({ workflow }).start(request))).toMatchObject({
        code: 'run_not_started',
      })
      expect(await pipeline.find(request.deployment)).toMatchObject({ state: 'refused' })
      expect(posts()).toBe(1)
      await bench.process({ workflow }).start(bench.request())
      expect(posts()).toBe(2)
    },
  )
})

describe('an answer without an id (204)', () => {
  const accepted = { type: 'answer_instead', status: 204 } as const

  it('is a run that is found, even when GitHub shows it late', async () => {
    const request = bench.request()
    bench.onDispatch({ type: 'hide_run', ms: 45_000 })
    bench.onDispatch(accepted)
    await bench.process().start(request)
    expect(posts()).toBe(1)
  })

  it.each(['cd.yml', 'plain.yml'])('is never the run of somebody else (%s)', async (workflow) => {
    bench.hub.person('mallory')
    const pipeline = bench.process({ workflow })
    const request = bench.request()
    bench.onDispatch({ type: 'duplicate_run', login: 'mallory' })
    bench.onDispatch(accepted)
    const { run_id } = await pipeline.start(request)
    expect(await actorOf(run_id)).toBe('gonogo-bot')
    expect(posts()).toBe(1)
  })

  it.each([0, 500])('is not guessed when two could be it (ours seen %d ms later)', async (ms) => {
    const pipeline = plain()
    const request = bench.request()
    bench.onDispatch({ type: 'hide_run', ms })
    bench.onDispatch({ type: 'duplicate_run', login: 'gonogo-bot' })
    bench.onDispatch(accepted)
    const failure = await failureOf(pipeline.start(request))

    expect(failure).toMatchObject({ code: 'run_not_found' })
    expect(failure.message.match(/\/actions\/runs\/\d+/g)).toHaveLength(2)
    expect(await failureOf(plain().start(request))).toMatchObject({ message: failure.message })
    expect(await pipeline.find(request.deployment)).toBeNull()
    expect(posts()).toBe(1)
  })

  it('of which no run ever appears ends after two minutes', async () => {
    const pipeline = bench.process()
    const request = bench.request()
    bench.onDispatch({ type: 'no_run' })
    bench.onDispatch(accepted)
    const since = bench.hub.clock.now()
    const failure = await failureOf(pipeline.start(request))

    expect(failure).toMatchObject({ code: 'run_not_found' })
    expect(failure.message).toContain('accepted the start of cd.yml on main')
    expect(bench.hub.clock.now() - since).toBeLessThan(150_000)
    expect(posts()).toBe(1)
  })

  it("is found by GitHub's clock when ours is an hour wrong", async () => {
    for (const skew of [3_600_000, -3_600_000]) {
      const runtime = { ...bench.runtime, now: () => bench.hub.clock.now() + skew }
      const pipeline = bench.process({ workflow: 'plain.yml', runtime })
      bench.onDispatch(accepted)
      await pipeline.start(bench.request())
      await bench.hub.clock.advance(300_000)
    }
    expect(posts()).toBe(2)
  })
})

describe('a refusal', () => {
  it('starts nothing and says what GitHub said', async () => {
    const request = bench.request()
    bench.hub.settings.missingPermissions.add('actions=write')
    const failure = await failureOf(bench.process().start(request))
    bench.hub.settings.missingPermissions.clear()
    expect(failure).toMatchObject({ code: 'run_not_started' })
    expect(failure.message).toContain('actions=write')
    expect(posts()).toBe(1)
  })

  it('by a limit starts nothing, and says until when', async () => {
    bench.onDispatch({ type: 'status', status: 403, headers: { 'retry-after': '90' } })
    const failure = await failureOf(bench.process().start(bench.request()))
    expect(failure).toMatchObject({ code: 'run_not_started' })
    expect(failure.message).toMatch(/rate limited until \d\d:\d\d:\d\d UTC/)
    expect(posts()).toBe(1)
  })

  it('by a limit while the run is looked for costs time, not the run', async () => {
    const pipeline = bench.process()
    const request = bench.request()
    bench.onDispatch({ type: 'lose_answer' })
    bench.fault({
      path: /workflows\/cd\.yml\/runs/,
      nth: 2,
      kind: { type: 'status', status: 429, headers: { 'retry-after': '90' } },
    })
    const failure = await failureOf(pipeline.start(request))
    expect(failure).toMatchObject({ code: 'rate_limited', retryable: true })
    await bench.hub.clock.advance(91_000)
    await bench.process().start(request)
    expect(posts()).toBe(1)
  })
})

describe('a process that dies', () => {
  it('before it sends: nothing was started, and nothing will be', async () => {
    const request = bench.request()
    const dying = bench.process({ runtime: { ...bench.runtime, reached: dieBeforeSending } })
    await expect(dying.start(request)).rejects.toThrow('killed')
    expect(await failureOf(bench.process().start(request))).toMatchObject({
      code: 'run_not_started',
    })
    expect(posts()).toBe(0)
  })

  it('between sending and writing down: the next one finds the run and sends nothing', async () => {
    const request = bench.request()
    const never = new Promise<never>(() => undefined)
    const dying = bench.process({
      as: (client) => ({
        ...client,
        send: async (...sent) => {
          await client.send(...sent)
          return await never
        },
      }),
    })
    const lost = dying.start(request)
    lost.catch(() => undefined)
    await until('the dispatch', () => posts() === 1)
    const [one, other] = await Promise.all([
      bench.process().start(request),
      bench.process().start(request),
    ])
    expect(other.run_id).toBe(one.run_id)
    expect(posts()).toBe(1)
  })

  it.each([
    ['and was given up by another', giveUp, 0, 'another keeper looked in vain'],
    ['whose record was removed', rmSync, 0, 'its record is gone'],
    ['too long for anybody to wait', () => undefined, 31_000, 'stood still'],
  ])('but only stood still, %s: it does not send any more', async (_, meanwhile, ms, why) => {
    const request = bench.request()
    const failure = await failureOf(stall(meanwhile, ms, request).start(request))
    expect(failure).toMatchObject({ code: 'run_not_started' })
    expect(failure.message).toContain(why)
    expect(posts()).toBe(0)
  })

  it('whose records are lost, too: the title of the run says whose it is', async () => {
    const request = bench.request()
    const { run_id } = await bench.process().start(request)
    rmSync(join(bench.state, 'github', 'runs'), { recursive: true })
    expect(await bench.process().start(request)).toMatchObject({ run_id })
    expect(posts()).toBe(1)
  })

  it('is not needed for two to start at once: one of them sends', async () => {
    const request = bench.request()
    const runs = await Promise.all([1, 2, 3].map(() => bench.process().start(request)))
    expect(new Set(runs.map(({ run_id }) => run_id)).size).toBe(1)
    expect(posts()).toBe(1)
  })
})

describe('a run under way', () => {
  it('is seen through gateways that fail, and by the next token when one expires', async () => {
    bench.how.scenario = () => ({ conclusion: 'success', durationMs: 60_000 })
    const { pipeline, deployment } = await startOne()
    const jobs = /\/runs\/\d+\/jobs/
    for (const status of [502, 503]) {
      bench.fault({ path: jobs, kind: { type: 'status', status } })
    }
    expect(await pipeline.find(deployment)).toMatchObject({ state: 'running' })

    const token = bench.hub.issueToken('gonogo-bot')
    const expiring = bench.process({ token })
    expect(await expiring.find(deployment)).toMatchObject({ state: 'running' })
    bench.hub.revokeToken(token)
    expect(await failureOf(expiring.find(deployment))).toMatchObject({ code: 'not_permitted' })
    expect(await bench.watch(deployment)).toMatchObject({ state: 'succeeded' })
  })

  it('that is green without its job is a failure, and says why', async () => {
    const { deployment } = await startOne('skips.yml')
    expect(await bench.watch(deployment)).toMatchObject({
      state: 'failed',
      switched: false,
      cause: 'the run was green, but its job deploy was skipped: its condition was not met',
    })
  })

  it('that fails names the job, by its title, and the step', async () => {
    bench.how.scenario = ({ id }) => ({
      conclusion: id === 'deploy' ? 'failure' : 'success',
      failingStep: 'Switch',
    })
    const { deployment } = await startOne()
    expect(await bench.watch(deployment)).toMatchObject({
      state: 'failed',
      switched: true,
      step: 'Deploy it / Switch',
      cause: 'job Deploy it failed at step Switch',
    })
  })

  it('that ran out of time is a failure of its own kind', async () => {
    bench.how.scenario = () => ({ conclusion: 'timed_out' })
    const { deployment } = await startOne('plain.yml')
    const run = await bench.watch(deployment)
    expect(run).toMatchObject({ state: 'failed' })
    expect(run.cause).toContain('out of time')
  })

  it('whose status nobody knows goes on', async () => {
    const { pipeline, deployment } = await startOne()
    bench.fault({
      path: /\/runs\/\d+\/jobs/,
      kind: { type: 'status', status: 200, body: { total_count: 0, jobs: [] } },
    })
    bench.fault({
      path: /\/runs\/\d+$/,
      kind: {
        type: 'status',
        status: 200,
        body: { id: 1, status: 'pondering', conclusion: null, html_url: 'https://x.test/1' },
      },
    })
    expect(await pipeline.find(deployment)).toMatchObject({ state: 'running', step: null })
  })

  it('that a maintainer has to allow first waits for that, and says where', async () => {
    const { pipeline, deployment } = await startOne()
    const jobs = { total_count: 0, jobs: [] }
    const looks = [
      { status: 'action_required', conclusion: null },
      { status: 'completed', conclusion: 'action_required' },
    ]
    for (const look of looks) {
      const run = { id: 1, html_url: 'https://x.test/1', pending_deployments: [], ...look }
      bench.fault({ path: /\/runs\/\d+\/jobs/, kind: { type: 'status', status: 200, body: jobs } })
      bench.fault({ path: /\/runs\/\d+$/, kind: { type: 'status', status: 200, body: run } })
      expect(await pipeline.find(deployment)).toMatchObject({
        state: 'waiting',
        cause: expect.stringContaining(`/actions/runs/${deployment.run_id}`),
      })
    }
    await bench.watch(deployment)
    expect(posts()).toBe(1)
  })

  it('that is run again is followed into its second attempt', async () => {
    bench.how.scenario = ({ run }) => ({
      conclusion: run.attempt === 1 ? 'failure' : 'success',
      durationMs: 10_000,
    })
    const { pipeline, deployment } = await startOne('plain.yml')
    expect(await bench.watch(deployment)).toMatchObject({ state: 'failed' })
    await bench.hub.actions.rerun(deployment.run_id, 'octocat')
    await bench.hub.clock.advance(3000)
    expect(await pipeline.find(deployment)).toMatchObject({
      state: 'running',
      step: expect.stringMatching(/^attempt 2: deploy/),
    })
    expect(await bench.watch(deployment)).toMatchObject({ state: 'succeeded', cause: null })
  })

  it('that ends while it is looked at is judged by what its jobs came to', async () => {
    const { pipeline, deployment } = await startOne()
    expect(await bench.watch(deployment)).toMatchObject({ state: 'succeeded' })
    const waiting = { id: 1, name: 'Deploy it', status: 'waiting', conclusion: null }
    bench.fault({
      path: /\/runs\/\d+\/jobs/,
      kind: { type: 'status', status: 200, body: { total_count: 1, jobs: [waiting] } },
    })
    expect(await pipeline.find(deployment)).toMatchObject({ state: 'succeeded' })
  })

  it('that is deleted is gone, once GitHub had time to show it', async () => {
    const { pipeline, deployment } = await startOne()
    bench.fault({ path: /\/runs\/\d+/, times: 9, kind: { type: 'status', status: 404 } })
    expect(await failureOf(pipeline.find(deployment))).toMatchObject({ retryable: true })
    await bench.hub.clock.advance(121_000)
    expect(await pipeline.find(deployment)).toBeNull()
  })

  it('that a token may not see any more is not gone, and was not ended', async () => {
    const { deployment } = await startLong()
    await bench.hub.clock.advance(121_000)
    bench.fault({ path: /\/repos\//, times: 99, kind: { type: 'status', status: 404 } })
    for (const act of ['find', 'cancel'] as const) {
      const failure = await failureOf(bench.process()[act](deployment))
      expect(failure.message).toContain('(404)')
    }
  })

  it('whose jobs alone are not shown is not gone', async () => {
    const { deployment } = await startLong()
    await bench.hub.clock.advance(121_000)
    bench.fault({ path: /\/runs\/\d+\/jobs/, kind: { type: 'status', status: 404 } })
    expect(await failureOf(bench.process().find(deployment))).toMatchObject({ retryable: true })
    expect(await bench.process().find(deployment)).toMatchObject({ state: 'running' })
  })
})

describe('a run that waits for a person', () => {
  beforeEach(() => {
    bench.hub.person('olga')
    bench.hub.settings.environments.set('production', {
      reviewers: ['olga'],
      preventSelfReview: false,
      waitMinutes: 0,
      branches: 'all',
      variables: [],
      secrets: [],
    })
  })
  afterEach(() => void bench.hub.settings.environments.delete('production'))

  it('says who reviews and where, and goes on when they did', async () => {
    const { deployment, run } = await startWaiting()
    expect(run.cause).toMatch(/^production waits for a review by olga: http.*\/actions\/runs\/\d+$/)
    expect(run.switched).toBe(false)
    const token = bench.hub.issueToken('olga')
    const review = { verdict: 'approved', comment: 'ok', token } as const
    await bench.process().reviews!.decide(deployment, review)
    expect(await bench.watch(deployment)).toMatchObject({ state: 'succeeded' })
  })

  it('says who rejected it and why', async () => {
    const { deployment } = await startWaiting()
    const token = bench.hub.issueToken('olga')
    await bench
      .process()
      .reviews!.decide(deployment, { verdict: 'rejected', comment: 'not on a Friday', token })
    expect(await bench.watch(deployment)).toMatchObject({
      state: 'failed',
      switched: false,
      cause: 'rejected for production by olga: not on a Friday',
    })
  })

  it('is ended when it is cancelled', async () => {
    const { deployment } = await startWaiting()
    expect(await bench.process().cancel(deployment)).toMatchObject({
      state: 'cancelled',
      switched: false,
    })
  })
})

describe('cancelling', () => {
  it('a run asks once and waits until it has ended', async () => {
    const { deployment } = await startLong()
    const asked = cancels('cancel').length
    expect(await bench.process().cancel(deployment)).toMatchObject({ state: 'cancelled' })
    expect(await bench.process().cancel(deployment)).toMatchObject({ state: 'cancelled' })
    expect(cancels('cancel').length - asked).toBe(1)
  })

  it('one that ended meanwhile is harmless (409)', async () => {
    const { deployment } = await startLong()
    bench.fault({
      method: 'POST',
      path: /\/cancel$/,
      kind: { type: 'status', status: 409, body: { message: 'Cannot cancel' } },
    })
    void bench.hub.clock.advance(1_200_000)
    expect(await bench.process().cancel(deployment)).toMatchObject({ state: 'succeeded' })
  })

  it('one that does not end is forced, once, and then told', async () => {
    const { deployment } = await startLong()
    const asked = cancels('force-cancel').length
    const ignored = { type: 'status', status: 202, body: {} } as const
    bench.fault({ method: 'POST', path: /\/cancel$/, kind: ignored })
    bench.fault({ method: 'POST', path: /\/force-cancel$/, kind: ignored })
    expect(await failureOf(bench.process().cancel(deployment))).toMatchObject({
      code: 'pipeline_unavailable',
      retryable: true,
    })
    expect(await failureOf(bench.process().cancel(deployment))).toMatchObject({ retryable: true })
    expect(cancels('force-cancel').length - asked).toBe(1)
  })

  it.each([
    ['refused by a limit', { type: 'status', status: 429, headers: { 'retry-after': '30' } }],
    ['lost before GitHub saw it', { type: 'reset' }],
  ] as const)('that was %s, twice, is asked for again', async (_, kind) => {
    const { deployment } = await startLong()
    for (const path of [/\/cancel$/, /\/force-cancel$/]) bench.fault({ method: 'POST', path, kind })
    // As often as a keeper would, which comes back after what may be tried again.
    const run = await until('its end', async () => {
      try {
        return await bench.process().cancel(deployment)
      } catch (error) {
        expect(error).toMatchObject({ retryable: true })
        await bench.hub.clock.advance(31_000)
        return null
      }
    })
    expect(run).toMatchObject({ state: 'cancelled' })
  })

  it('a deployment whose start nobody answered for finds its run and ends it', async () => {
    bench.how.scenario = () => ({ conclusion: 'success', durationMs: 600_000 })
    const request = bench.request()
    bench.onDispatch({ type: 'lose_answer' })
    bench.fault({
      path: /workflows\/cd\.yml\/runs/,
      nth: 2,
      kind: { type: 'status', status: 429, headers: { 'retry-after': '90' } },
    })
    await failureOf(bench.process().start(request))
    await bench.hub.clock.advance(91_000)
    expect(await bench.process().cancel(request.deployment)).toMatchObject({ state: 'cancelled' })
    expect(posts()).toBe(1)
  })

  it('one that never started keeps it from starting', async () => {
    const request = bench.request()
    expect(await bench.process().cancel(request.deployment)).toMatchObject({ state: 'refused' })
    expect(await failureOf(bench.process().start(request))).toMatchObject({
      code: 'run_not_started',
    })
    expect(posts()).toBe(0)
  })
})
