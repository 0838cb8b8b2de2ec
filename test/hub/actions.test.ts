import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { examineText } from '../adapters/github/workflow/preflight.ts'
import { makeRepository, type Repository } from '../support/repository.ts'
import { until } from '../support/until.ts'
import type { Hub, HubOptions } from './hub.ts'
import { startHub } from './start.ts'

// The stand-in's Actions over HTTP, by a clock that the test moves: a run of minutes takes milliseconds.

const cd = `
name: CD
run-name: \${{ inputs.action || 'deploy' }} \${{ inputs.version }} (\${{ inputs.deployment_id }})
on:
  workflow_dispatch:
    inputs:
      environment: { type: choice, options: [staging, production], required: true }
      version: { type: string, required: true }
      deployment_id: { type: string, default: '' }
      action: { type: string, default: deploy }
      skip_tests: { type: boolean, default: false }
concurrency:
  group: cd-\${{ inputs.environment }}
jobs:
  test:
    if: \${{ !inputs.skip_tests }}
    runs-on: ubuntu-latest
    steps: [{ run: 'true' }]
  approval:
    needs: test
    if: inputs.environment == 'production'
    runs-on: ubuntu-latest
    outputs: { by: nobody }
    steps: [{ run: 'true' }]
  deploy:
    needs: [test, approval]
    if: \${{ !failure() && !cancelled() }}
    runs-on: ubuntu-latest
    environment: { name: '\${{ inputs.environment }}', url: 'https://\${{ inputs.environment }}.example.com' }
    steps:
      - name: Check out
        uses: actions/checkout@v4
      - name: Roll out
        run: ./deploy
  after:
    needs: deploy
    runs-on: ubuntu-latest
    steps: [{ run: 'true' }]
`

const shapes = `
name: Shapes
on:
  workflow_dispatch:
  push: { branches: [main, 'release/**', '!release/old'] }
jobs:
  build:
    strategy: { matrix: { os: [linux, mac], node: [22, 24], exclude: [{ os: mac, node: 22 }] } }
    runs-on: \${{ matrix.os }}
    steps: [{ run: make }]
  ship:
    needs: build
    uses: ./.github/workflows/ship.yml
    with: { where: staging }
  done:
    needs: ship
    if: always()
    runs-on: ubuntu-latest
    steps: [{ run: 'echo \${{ needs.ship.outputs.address }}' }]
`

const ship = `
name: Ship
on:
  workflow_call:
    inputs: { where: { type: string } }
    outputs: { address: { value: '\${{ jobs.deploy.outputs.address }}' } }
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: \${{ inputs.where }}
    outputs: { address: here }
    steps: [{ run: ship }]
`

const stubborn = `
name: Stubborn
on: workflow_dispatch
jobs:
  hold:
    if: always()
    timeout-minutes: 2
    runs-on: ubuntu-latest
    steps: [{ name: Begin, run: 'true' }, { run: 'echo $$ > pid.new; mv pid.new pid; sleep 600' }]
`

const real = `
name: Real
on:
  workflow_dispatch:
    inputs: { who: { type: string, default: world } }
env: { GREETING: hello }
jobs:
  one:
    runs-on: ubuntu-latest
    # What only the environment has is not there yet.
    if: vars.REGION == 'us' && vars.TIER == ''
    environment: staging
    outputs: { said: '\${{ steps.say.outputs.said }}' }
    env: { WHO: '\${{ inputs.who }}' }
    steps:
      - uses: actions/checkout@v4
      - id: say
        name: Say it
        shell: bash
        run: |
          echo "$GREETING $WHO from $(cat name.txt)"
          echo "said=$GREETING $WHO" >> "$GITHUB_OUTPUT"
          echo "LATER=kept" >> "$GITHUB_ENV"
      - name: Ask the hub
        env: { TOKEN: '\${{ secrets.GITHUB_TOKEN }}' }
        run: |
          echo "token $TOKEN"
          node -e 'fetch(process.env.GITHUB_API_URL + "/repos/" + process.env.GITHUB_REPOSITORY, { headers: { authorization: "Bearer " + process.env.TOKEN } }).then((r) => r.json()).then((found) => console.log(found.full_name, process.env.LATER))'
      - name: May fail
        continue-on-error: true
        run: exit 4
      - name: In node
        shell: node {0}
        run: console.log(6 * 7, '\${{ vars.TEAM }} \${{ vars.REGION }} \${{ vars.TIER }}')
      - name: Not on success
        if: failure()
        run: exit 1
      - uses: docker/build-push-action@v6
      - name: Fails
        run: |
          false | true
          echo still here
          exit 3
      - name: Never
        run: echo unreachable
      - name: Always
        if: \${{ always() && steps.say.outputs.said == 'hello you' }}
        run: echo cleaned up
`

let repository: Repository
let sha: string
let opened: Hub | null = null

beforeAll(async () => {
  repository = await makeRepository()
  sha = await repository.commit(
    {
      'name.txt': 'the repository\n',
      '.github/workflows/cd.yml': cd,
      '.github/workflows/shapes.yml': shapes,
      '.github/workflows/ship.yml': ship,
      '.github/workflows/real.yml': real,
      '.github/workflows/stubborn.yml': stubborn,
    },
    'Begin\n\nMore of it.',
  )
})
afterAll(() => repository.remove())
afterEach(async () => {
  expect(opened?.violations).toEqual([])
  await opened?.close()
})

async function start(options: Partial<HubOptions> = {}) {
  const clock = { start: Date.parse('2026-11-20T12:00:00Z'), manual: true }
  const hub = await startHub({ git: join(repository.directory, '.git'), clock, ...options })
  opened = hub
  const call = async (method: string, path: string, body?: unknown, token = hub.token) => {
    const response = await fetch(`${hub.apiUrl}/repos/${hub.repository}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'x-github-api-version': '2022-11-28' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'manual',
    })
    const text = await response.text()
    // oxlint-disable-next-line typescript/no-explicit-any -- the server checks shapes
    const data: any = text === '' ? null : JSON.parse(text)
    return { status: response.status, data, headers: response.headers }
  }
  const dispatch = async (inputs: Record<string, string>, workflow = 'cd.yml') => {
    const path = `/actions/workflows/${workflow}/dispatches`
    const { data } = await call('POST', path, { ref: 'main', inputs, return_run_details: true })
    return `/actions/runs/${data.workflow_run_id}`
  }
  const state = async (run: string) => {
    const { data } = await call('GET', run)
    return `${data.status}${data.conclusion === null ? '' : ` ${data.conclusion}`}`
  }
  const jobs = async (run: string, query = '') => {
    const { data } = await call('GET', `${run}/jobs${query}`)
    return (data.jobs as { name: string; status: string; conclusion: string | null }[]).map(
      ({ name, status, conclusion }) => `${name}: ${conclusion ?? status}`,
    )
  }
  return { hub, clock: hub.clock, call, dispatch, state, jobs }
}

const staging = { environment: 'staging', version: 'v1', deployment_id: 'dep_1' }
const production = { ...staging, environment: 'production' }

describe('a dispatch', () => {
  it('is refused with the words GitHub uses', async () => {
    const { call } = await start()
    const send = async (body: object, workflow = 'cd.yml') => {
      const path = `/actions/workflows/${workflow}/dispatches`
      const { status, data } = await call('POST', path, body)
      return `${status} ${data?.message ?? ''}`
    }
    expect(await send({ ref: 'nope', inputs: staging })).toBe('422 No ref found for: nope')
    expect(await send({ ref: sha, inputs: staging })).toBe(`422 No ref found for: ${sha}`)
    expect(await send({ ref: 'main', inputs: { ...staging, extra: '1' } })).toBe(
      '422 Unexpected inputs provided: ["extra"]',
    )
    expect(await send({ ref: 'main', inputs: { environment: 'staging' } })).toBe(
      "422 Required input 'version' not provided",
    )
    expect(await send({ ref: 'main', inputs: { ...staging, environment: 'moon' } })).toMatch(
      /422 Provided value 'moon' for input 'environment' not in the list/,
    )
    expect(await send({ ref: 'main' }, 'ship.yml')).toMatch(/^422 .*workflow_dispatch/)
    expect(await send({ ref: 'main' }, 'none.yml')).toBe('404 Not Found')
    expect(await send({ ref: 'main', inputs: staging })).toBe('204 ')
  })

  it('always gives an id in the newer version of the API, and never on GHES', async () => {
    const path = '/actions/workflows/cd.yml/dispatches'
    const { hub } = await start()
    const answer = await fetch(`${hub.apiUrl}/repos/${hub.repository}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.token}`, 'x-github-api-version': '2026-03-10' },
      body: JSON.stringify({ ref: 'main', inputs: staging }),
    })
    expect(await answer.json()).toMatchObject({ workflow_run_id: expect.any(Number) })
    expect(hub.violations).toEqual([])
    await hub.close()
    const { call } = await start({ host: 'ghes' })
    expect(await call('POST', path, { ref: 'main', inputs: staging })).toMatchObject({
      status: 204,
    })
    const { data } = await call('GET', '/actions/runs?event=workflow_dispatch')
    expect(data.workflow_runs).toHaveLength(1)
  })

  it('can be swallowed, hidden and doubled', async () => {
    const { hub, call, clock, dispatch } = await start()
    const list = async () => {
      const { data } = await call(
        'GET',
        '/actions/workflows/cd.yml/runs?created=>=2026-11-20T11:00:00Z',
      )
      return data.workflow_runs.map((run: { actor: { login: string } }) => run.actor.login)
    }
    hub.faults.push({ path: /dispatches/, kind: { type: 'no_run' } })
    const lost = await dispatch(staging)
    expect(await call('GET', lost)).toMatchObject({ status: 404 })
    expect(await list()).toEqual([])
    hub.faults.push({ path: /dispatches/, kind: { type: 'hide_run', ms: 30_000 } })
    await dispatch(staging)
    expect(await list()).toEqual([])
    await clock.advance(30_000)
    expect(await list()).toEqual(['gonogo-bot'])
    hub.faults.push({ path: /dispatches/, kind: { type: 'duplicate_run', login: 'mallory' } })
    await dispatch(staging)
    expect(await list()).toEqual(['gonogo-bot', 'mallory', 'gonogo-bot'])
  })
})

describe('a run', () => {
  it('goes from queued to completed, job by job, with a deployment per environment', async () => {
    const { call, clock, dispatch, state, jobs } = await start()
    const run = await dispatch(staging)
    expect((await call('GET', run)).data).toMatchObject({
      display_title: 'deploy v1 (dep_1)',
      head_sha: sha,
      head_branch: 'main',
      run_attempt: 1,
      status: 'queued',
    })
    await clock.advance(200)
    expect(await state(run)).toBe('in_progress')
    expect(await jobs(run)).toEqual(['test: in_progress'])
    await clock.advance(1200)
    // What needs a skipped job is skipped, unless it says otherwise.
    expect(await jobs(run)).toEqual(['test: success', 'approval: skipped', 'deploy: in_progress'])
    const [deployment] = (await call('GET', '/deployments?environment=staging')).data
    expect(deployment).toMatchObject({ sha, ref: 'main', creator: { login: 'gonogo-bot' } })
    const statuses = async () => {
      const { data } = await call('GET', `/deployments/${deployment.id}/statuses`)
      return data.map((status: { state: string }) => status.state)
    }
    expect(await statuses()).toEqual(['in_progress', 'queued'])
    await clock.advance(60_000)
    expect(await state(run)).toBe('completed success')
    expect(await jobs(run)).toEqual([
      'test: success',
      'approval: skipped',
      'deploy: success',
      'after: skipped',
    ])
    expect(await statuses()).toEqual(['success', 'in_progress', 'queued'])
    const { data } = await call('GET', `${run}/jobs`)
    expect(data.jobs[2].steps.map((step: { name: string }) => step.name)).toEqual([
      'Set up job',
      'Check out',
      'Roll out',
      'Complete job',
    ])
  })

  it('fails where the scenario says, and can be run again', async () => {
    let broken = true
    const { call, clock, dispatch, state, jobs } = await start({
      scenario: ({ id }) =>
        id === 'deploy' && broken
          ? {
              conclusion: 'failure',
              failingStep: 'Check out',
              logs: { 'Check out': 'no such ref' },
            }
          : { conclusion: 'success' },
    })
    const run = await dispatch({ ...staging, environment: 'production' })
    expect(await call('POST', `${run}/rerun`)).toMatchObject({ status: 403 })
    await clock.advance(60_000)
    expect(await state(run)).toBe('completed failure')
    const { data } = await call('GET', `${run}/jobs`)
    const deploy = data.jobs.find((job: { name: string }) => job.name === 'deploy')
    expect(deploy.steps.map((step: { conclusion: string }) => step.conclusion)).toEqual([
      'success',
      'failure',
      'skipped',
      'success',
    ])
    broken = false
    expect(await call('POST', `${run}/rerun-failed-jobs`)).toMatchObject({ status: 201 })
    await clock.advance(60_000)
    expect(await state(run)).toBe('completed success')
    expect((await call('GET', run)).data).toMatchObject({ run_attempt: 2 })
    expect(await jobs(`${run}/attempts/1`)).toContain('deploy: failure')
    expect(await jobs(run)).toEqual([
      'test: success',
      'approval: success',
      'deploy: success',
      'after: success',
    ])
    expect(await jobs(run, '?filter=all')).toHaveLength(8)
  })

  it('is cancelled, and then it is too late to', async () => {
    const { call, clock, dispatch, state, jobs } = await start()
    const run = await dispatch(staging)
    await clock.advance(500)
    expect(await call('POST', `${run}/cancel`)).toMatchObject({ status: 202 })
    expect(await state(run)).toBe('in_progress')
    await clock.advance(1000)
    expect(await state(run)).toBe('completed cancelled')
    expect(await jobs(run)).toEqual([
      'test: cancelled',
      'approval: skipped',
      'deploy: skipped',
      'after: skipped',
    ])
    expect(await call('POST', `${run}/cancel`)).toMatchObject({ status: 409 })
    expect(await call('POST', `${run}/force-cancel`)).toMatchObject({ status: 409 })
  })

  it('goes on after a cancel where a job wants to, until it is forced or its time is over', async () => {
    const { call, clock, dispatch, state, jobs } = await start({
      scenario: () => ({ conclusion: 'success', durationMs: 600_000 }),
    })
    const [run, slow] = [await dispatch({}, 'stubborn.yml'), await dispatch({}, 'stubborn.yml')]
    await clock.advance(500)
    expect(await call('POST', `${run}/cancel`)).toMatchObject({ status: 202 })
    await clock.advance(60_000)
    expect(await state(run)).toBe('in_progress')
    expect(await call('POST', `${run}/force-cancel`)).toMatchObject({ status: 202 })
    expect(await state(run)).toBe('completed cancelled')
    expect(await state(slow)).toBe('in_progress')
    await clock.advance(61_000)
    expect(await state(slow)).toBe('completed cancelled')
    expect(await jobs(slow)).toEqual(['hold: cancelled'])
    // What the scenario would have said afterwards changes nothing.
    await clock.advance(600_000)
    const { data } = await call('GET', `${slow}/jobs`)
    expect(data.jobs[0].steps[1]).toMatchObject({ name: 'Begin', conclusion: 'cancelled' })
  })

  it('waits for its group, where a newer one takes the place of an older one', async () => {
    const { clock, dispatch, state } = await start()
    const [first, second] = [await dispatch(staging), await dispatch(staging)]
    await clock.advance(500)
    const third = await dispatch(staging)
    const elsewhere = await dispatch(production)
    expect([await state(first), await state(second), await state(third)]).toEqual([
      'in_progress',
      'completed cancelled',
      'pending',
    ])
    expect(await state(elsewhere)).toBe('queued')
    await clock.advance(60_000)
    expect([await state(first), await state(third)]).toEqual([
      'completed success',
      'completed success',
    ])
  })

  it('expands a matrix and calls another workflow; a push starts what wants it', async () => {
    const { hub, call, clock, jobs } = await start()
    const login = 'ada'
    const id = await hub.actions.start({
      workflow: 'shapes.yml',
      event: 'push',
      ref: 'main',
      login,
    })
    await clock.advance(60_000)
    expect((await call('GET', `/actions/runs/${id}`)).data).toMatchObject({
      event: 'push',
      display_title: 'Begin',
      actor: { login },
      conclusion: 'success',
    })
    expect(await jobs(`/actions/runs/${id}`)).toEqual([
      'build (linux, 22): success',
      'build (linux, 24): success',
      'build (mac, 24): success',
      'ship / deploy: success',
      'done: success',
    ])
    expect((await call('GET', '/deployments')).data).toMatchObject([{ environment: 'staging' }])
    const checks = await call('GET', `/commits/${sha}/check-runs`)
    expect(checks.data.total_count).toBe(5)
    const pushed = hub.actions.start({ workflow: 'cd.yml', event: 'push', ref: 'main', login })
    await expect(pushed).rejects.toThrow('does not run for a push')
  })
})

describe('what preflight says beforehand', () => {
  it.each([
    ['cd.yml', cd, staging],
    ['cd.yml', cd, production],
    ['cd.yml', cd, { ...production, skip_tests: 'true' }],
    ['shapes.yml', shapes, {}],
  ])('is what happens: %s', async (workflow, text, inputs) => {
    const { clock, dispatch, jobs } = await start()
    const run = await dispatch(inputs, workflow)
    await clock.advance(60_000)
    const said = await examineText(text, {
      inputs,
      files: { '.github/workflows/ship.yml': ship },
    })
    const expected = said.jobs.map(
      ({ id, name = id, runs }) => `${name}: ${runs ? 'success' : 'skipped'}`,
    )
    expect((await jobs(run)).toSorted()).toEqual(expected.toSorted())
  })
})

const unprotected = {
  reviewers: [],
  preventSelfReview: false,
  waitMinutes: 0,
  branches: 'all' as const,
  variables: [],
  secrets: [],
}

describe('an environment', () => {
  const protection = {
    ...unprotected,
    reviewers: ['rita', 'gonogo-bot'],
    preventSelfReview: true,
    waitMinutes: 5,
  }

  it('makes a job wait for a reviewer who did not start it, and for its timer', async () => {
    const { hub, call, clock, dispatch, state, jobs } = await start()
    const rita = hub.person('rita')
    const run = await dispatch({ ...production, skip_tests: 'false' })
    hub.settings.environments.set('production', protection)
    await clock.advance(5000)
    expect(await state(run)).toBe('waiting')
    expect(await jobs(run)).toContain('deploy: waiting')
    const [pending] = (await call('GET', `${run}/pending_deployments`)).data
    expect(pending).toMatchObject({ current_user_can_approve: false, wait_timer: 5 })
    const body = { environment_ids: [pending.environment.id], state: 'approved', comment: 'go' }
    const review = (token?: string) => call('POST', `${run}/pending_deployments`, body, token)
    expect(await review()).toMatchObject({ status: 422 })
    expect(await review(hub.person('eve'))).toMatchObject({ status: 422 })
    expect(await review(rita)).toMatchObject({ status: 200, data: [{ environment: 'production' }] })
    expect((await call('GET', `${run}/approvals`)).data).toMatchObject([
      { state: 'approved', comment: 'go', user: { login: 'rita' } },
    ])
    expect(await state(run)).toBe('waiting')
    await clock.advance(5 * 60_000)
    expect(await state(run)).toBe('completed success')
  })

  it('ends the job that is rejected, or whose branch may not deploy', async () => {
    const { hub, call, clock, dispatch, state, jobs } = await start()
    hub.settings.environments.set('production', { ...protection, waitMinutes: 0 })
    hub.settings.environments.set('staging', {
      ...protection,
      reviewers: [],
      branches: ['release/*'],
    })
    const [run, refused] = [await dispatch(production), await dispatch(staging)]
    await clock.advance(5000)
    expect(await state(refused)).toBe('completed failure')
    const [{ environment }] = (await call('GET', `${run}/pending_deployments`)).data
    const body = { environment_ids: [environment.id], state: 'rejected', comment: 'no' }
    await call('POST', `${run}/pending_deployments`, body, hub.person('rita'))
    expect(await state(run)).toBe('completed failure')
    expect(await jobs(run)).toContain('deploy: failure')
  })
})

describe('logs', () => {
  it('are a text per job and a zip per run on another origin, until they expire', async () => {
    const { hub, call, clock, dispatch } = await start({
      scenario: () => ({ conclusion: 'success', logs: { 'Roll out': 'rolled out\nfor good' } }),
    })
    const run = await dispatch(staging)
    await clock.advance(1500)
    const [test, , deploy] = (await call('GET', `${run}/jobs`)).data.jobs
    const logOf = (job: { id: number }) => call('GET', `/actions/jobs/${job.id}/logs`)
    expect(await logOf(deploy)).toMatchObject({ status: 404 })
    expect(await call('GET', `${run}/logs`)).toMatchObject({ status: 404 })
    expect(await logOf(test)).toMatchObject({ status: 302 })
    await clock.advance(60_000)
    const link = (await logOf(deploy)).headers.get('location') ?? ''
    expect(new URL(link).origin).not.toBe(new URL(hub.apiUrl).origin)
    expect(await (await fetch(link)).text()).toMatch(/^2026-11-20T12:00:\d\d\.\d{7}Z for good$/m)
    const zip = join(repository.directory, '.git', 'logs.zip')
    const archive = (await call('GET', `${run}/logs`)).headers.get('location') ?? ''
    await writeFile(zip, await (await fetch(archive)).bytes())
    const python =
      'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); z.testzip(); print(z.namelist())'
    const { stdout } = await promisify(execFile)('python3', ['-c', python, zip])
    expect(JSON.parse(stdout.replaceAll("'", '"'))).toContain('deploy/3_Roll out.txt')
    hub.actions.expireLogs(run.replace(/.*\//, ''))
    expect(await call('GET', `${run}/logs`)).toMatchObject({ status: 410 })
    expect(await logOf(deploy)).toMatchObject({ status: 410 })
  })
})

describe('a deployment made through REST', () => {
  it('wants every check by default, and takes statuses', async () => {
    const { hub, call } = await start()
    hub.settings.checks.set(sha, [{ name: 'ci', state: 'failure', source: 'status' }])
    const make = (more: object) => call('POST', '/deployments', { ref: sha, ...more })
    expect(await make({ environment: 'staging' })).toMatchObject({ status: 409 })
    const made = {
      environment: 'staging',
      auto_merge: false,
      required_contexts: [],
      payload: { gonogo: 'dep_1' },
    }
    const first = (await make(made)).data
    const second = (await make(made)).data
    const report = (id: number) => call('POST', `/deployments/${id}/statuses`, { state: 'success' })
    expect(await report(first.id)).toMatchObject({ status: 201 })
    await report(second.id)
    const { data } = await call('GET', `/deployments/${first.id}/statuses`)
    expect(data.map((status: { state: string }) => status.state)).toEqual(['inactive', 'success'])
    expect(await make({ ref: 'nowhere' })).toMatchObject({ status: 422 })
  })
})

describe('a job that runs for real', () => {
  it('runs its steps by their shells, with outputs, expressions and a token of its own', async () => {
    const { hub, call, clock, dispatch, state } = await start({
      scenario: (job) =>
        job.execute({ replace: { 'May fail': async () => ({ exitCode: 1, log: 'replaced' }) } }),
    })
    hub.settings.organizationVariables = { TEAM: 'clinic', REGION: 'asia' }
    hub.settings.variables = { REGION: 'us' }
    const variables = ['REGION=eu', 'TIER=gold=plated']
    hub.settings.environments.set('staging', { ...unprotected, variables })
    const run = await dispatch({ who: 'you' }, 'real.yml')
    await clock.advance(1000)
    expect(await state(run)).toBe('completed failure')
    const [job] = (await call('GET', `${run}/jobs`)).data.jobs
    const results = job.steps.map((step: { name: string; conclusion: string }) => {
      return `${step.name}: ${step.conclusion}`
    })
    expect(results).toEqual([
      'Set up job: success',
      'Run actions/checkout@v4: success',
      'Say it: success',
      'Ask the hub: success',
      'May fail: success',
      'In node: success',
      'Not on success: skipped',
      'Run docker/build-push-action@v6: success',
      'Fails: failure',
      'Never: skipped',
      'Always: success',
      'Complete job: success',
    ])
    const link = (await call('GET', `/actions/jobs/${job.id}/logs`)).headers.get('location') ?? ''
    const log = await (await fetch(link)).text()
    const lines = log.split('\n').map((line) => line.slice(29))
    expect(lines).toEqual(
      expect.arrayContaining([
        'hello you from the repository',
        'token ***',
        'acme/clinic kept',
        'replaced',
        '42 clinic eu gold=plated',
        'stand-in: not executed',
        'still here',
        '##[error]Process completed with exit code 3.',
        'cleaned up',
      ]),
    )
    expect(lines).not.toContain('unreachable')
  })

  it('ends with the hub, and leaves nothing behind', async () => {
    const workspace = Promise.withResolvers<string>()
    const begin = async (env: Record<string, string>) => {
      workspace.resolve(env['GITHUB_WORKSPACE'] ?? '')
      return { exitCode: 0, log: '' }
    }
    const { hub, dispatch, state } = await start({
      clock: { manual: false },
      scenario: (job) => job.execute({ replace: { Begin: begin } }),
    })
    const run = await dispatch({}, 'stubborn.yml')
    const directory = await workspace.promise
    const file = await until(
      'the pid',
      () => existsSync(join(directory, 'pid')) && join(directory, 'pid'),
    )
    const pid = Number(await readFile(file, 'utf8'))
    expect(await state(run)).toBe('in_progress')
    await hub.close()
    expect(existsSync(directory)).toBe(false)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})
