import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../src/core/canonical.ts'
import type { ApprovalRequest } from '../../../src/core/approval.ts'
import type { RunIntent } from '../../../src/ports/pipeline.ts'
import { environmentOf, openBench, titledWorkflow, type Bench } from './bench.ts'

const gatedFile = '.github/workflows/gated.yml'
const gated = `
on: { workflow_dispatch: { inputs: { sha: { type: string } } } }
jobs:
  deploy:
    if: vars.OPEN == 'yes'
    environment: production
    runs-on: ubuntu-latest
    steps: [{ run: ./deploy }]
`

let bench: Bench
beforeAll(async () => void (bench = await openBench({ files: { [gatedFile]: gated } })))
afterEach(() => {
  bench.how.scenario = () => ({ conclusion: 'success' })
  expect(bench.hub.violations).toEqual([])
})
afterAll(() => bench[Symbol.asyncDispose]())

function intent(changes: Partial<RunIntent> = {}): RunIntent {
  return {
    action: 'promote',
    environment: bench.environment,
    release: { sha: bench.sha, version: 'v1.0.0' },
    ...changes,
  }
}

const byRef = () => bench.process({ workflow: 'by-ref.yml' })

function lastInputs(): Record<string, string> {
  const body = bench.dispatches().at(-1)?.body as { inputs: Record<string, string> } | undefined
  return body?.inputs ?? {}
}

/** Where a run and its jobs stand, as somebody else sees it. */
async function stateOnGitHub(run: string): Promise<string> {
  const { apiUrl, repository } = bench.hub
  const headers = { authorization: `Bearer ${bench.hub.person('spectator')}` }
  const read = async (path: string) =>
    (await fetch(`${apiUrl}/repos/${repository}/actions/runs/${run}${path}`, { headers })).json()
  const { status, conclusion } = (await read('')) as Record<string, string | null>
  const { jobs } = (await read('/jobs')) as { jobs: Record<string, string>[] }
  return `${status} ${conclusion}; ${jobs.map((job) => `${job['name']} ${job['status']}`).join(', ')}`
}

const calling = `on:\n  workflow_dispatch:\n    inputs: { sha: {} }\njobs:\n  deploy:\n    uses: ./.github/workflows/called.yml\n`

const called = (command: string) =>
  `on: workflow_call\njobs:\n  it:\n    environment: production\n    runs-on: x\n    steps: [{ run: ${command} }]\n`

describe('what would be done', () => {
  it('does not rest on variables of the environment: GitHub decides about jobs without them', async () => {
    bench.hub.settings.environments.set('production', {
      reviewers: [],
      preventSelfReview: false,
      waitMinutes: 0,
      branches: 'all',
      variables: ['OPEN=yes'],
      secrets: [],
    })
    const reachable = async () =>
      (await bench.process({ workflow: 'gated.yml' }).preflight!(intent())).deploys
    expect(await reachable()).toEqual([])
    bench.hub.settings.variables['OPEN'] = 'yes'
    expect(await reachable()).toEqual(['production'])
    delete bench.hub.settings.variables['OPEN']
    bench.hub.settings.environments.clear()
  })

  it('deploys by the job the configuration names, where no job names an environment', async () => {
    const environment = environmentOf('production')
    const deploys = async () =>
      (await bench.process({ workflow: 'bare.yml' }).preflight!(intent({ environment }))).deploys
    expect(await deploys()).toEqual([])
    environment.github.job = 'ship'
    expect(await deploys()).toEqual(['production'])
  })

  it('is the request and the jobs, the same each time, and changes nothing', async () => {
    const guarded = environmentOf('production', { approval: 'required' })
    const from = bench.hub.requests.length
    const described = await bench.pipeline.describe(intent({ environment: guarded }))
    expect(described).toEqual({
      kind: 'github',
      target: 'acme/clinic .github/workflows/cd.yml on main',
      isolation: 'separate',
      steps: [
        {
          phase: 'dispatch',
          name: 'start cd.yml',
          run: [
            'POST',
            '/repos/acme/clinic/actions/workflows/cd.yml/dispatches',
            'ref=main',
            'environment=production',
            'version=v1.0.0',
            `sha=${bench.sha}`,
            'deployment_id=<deployment id>',
            'action=promote',
            'approval=<signed request>',
            'approval_id=<approval id>',
          ],
        },
        {
          phase: 'dispatch',
          name: 'as in .github/workflows/cd.yml',
          run: ['sha256', bench.runtime.sha256(titledWorkflow)],
        },
        { phase: 'job', name: 'build', run: ['no environment'] },
        { phase: 'job', name: 'deploy', run: ['environment production'] },
      ],
    })
    const again = await bench.process().describe(intent({ environment: guarded }))
    expect(canonicalJson(again)).toBe(canonicalJson(described))
    const asked = bench.hub.requests.slice(from)
    expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(['GET']))
  })

  it('is worked out with exactly those inputs', async () => {
    const report = await bench.pipeline.preflight!(intent())
    expect(report).toMatchObject({
      file: '.github/workflows/cd.yml',
      event: 'workflow_dispatch',
      deploys: ['production'],
      unknown: [],
    })
    const skips = await bench.process({ workflow: 'skips.yml' }).describe(intent())
    expect(skips.steps.at(-1)).toMatchObject({
      name: 'deploy',
      run: [expect.stringMatching(/^skipped: .*refs\/heads\/release/)],
    })
  })

  it('is of one text of the workflow, and no other one is started on its word', async () => {
    const { repository } = bench
    const own = { settings: { ...bench.settings, ref: 'work', workflow: 'calls.yml' } }
    const write = (file: string, text: string) =>
      repository.commit({ [`.github/workflows/${file}`]: text })
    await repository.git('checkout', '-q', '-b', 'work')
    try {
      await write('calls.yml', calling)
      await write('called.yml', called('echo'))
      const planned = await bench.process(own).describe(intent())
      await write('called.yml', called('curl evil.example'))
      expect(await bench.process(own).describe(intent())).not.toEqual(planned)

      await write('called.yml', called('echo'))
      expect(await bench.process(own).describe(intent())).toEqual(planned)
      await write('calls.yml', `${calling}# changed\n`)
      const before = bench.dispatches().length
      await expect(bench.process(own).start({ ...bench.request(), planned })).rejects.toMatchObject(
        {
          code: 'run_not_started',
          message: expect.stringContaining('calls.yml on work changed after the plan was made'),
        },
      )
      expect(bench.dispatches()).toHaveLength(before)
    } finally {
      await repository.git('checkout', '-q', 'main')
    }
  })

  it('is of a branch that no tag has the name of: nothing says which GitHub would start', async () => {
    const { repository } = bench
    await repository.git('tag', 'main')
    try {
      await expect(bench.process().describe(intent())).rejects.toMatchObject({
        code: 'invalid_configuration',
        message: expect.stringContaining('main is both a branch and a tag'),
      })
    } finally {
      await repository.git('tag', '-d', 'main')
    }
  })

  it('fails before anything is sent when the workflow cannot be started so', async () => {
    const nowhere = bench.process({ workflow: 'nowhere.yml' })
    await expect(nowhere.describe(intent())).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: '.github/workflows/nowhere.yml is not on main',
    })
    const wrong = environmentOf('production')
    wrong.github.inputs = { action: 'ship', region: 'eu' }
    await expect(bench.process().describe(intent({ environment: wrong }))).rejects.toMatchObject({
      code: 'invalid_configuration',
      message:
        '.github/workflows/cd.yml cannot be started: input region is configured, and the workflow does not declare it; input action would get "ship", and takes only deploy, promote, rollback',
    })
  })
})

describe('a deployment', () => {
  it('is one run, and ends as its own job does', async () => {
    const request = bench.request()
    const { deployment } = request
    expect(await bench.pipeline.find(deployment)).toBeNull()
    expect(await bench.pipeline.log(deployment)).toEqual({ text: '', cursor: 0 })

    const before = bench.dispatches().length
    const started = await bench.process().start(request)
    expect((await bench.process().start(request)).run_id).toBe(started.run_id)
    expect(bench.dispatches()).toHaveLength(before + 1)
    expect(bench.dispatches().at(-1)?.body).toEqual({
      ref: 'main',
      return_run_details: true,
      inputs: {
        environment: 'production',
        version: 'v1.0.0',
        sha: bench.sha,
        deployment_id: deployment.id,
        action: 'promote',
      },
    })
    const file = join(bench.state, 'github', 'runs', `${deployment.id}.json`)
    expect((await stat(file)).mode & 0o777).toBe(0o600)

    const run = await bench.watch(deployment)
    expect(run).toMatchObject({ state: 'succeeded', step: null, cause: null, switched: true })
    expect(run.logs_url).toBe(`${bench.hub.apiUrl}/acme/clinic/actions/runs/${started.run_id}`)
    expect((await bench.pipeline.log(deployment)).text).toContain('Deploy it')
    expect(await bench.pipeline.current(bench.environment)).toEqual(deployment.release)
  })

  it('carries the exact text that was signed', async () => {
    const request: ApprovalRequest = {
      format: 'gonogo-approval-v2',
      id: 'apr_1',
      action: 'promote',
      project: 'clinic',
      environment: 'production',
      version: 'v1.0.0',
      commit: bench.sha,
      digests: [],
      plan_hash: 'ü'.repeat(3),
      requester: 'agent:claude',
      kind: 'standard',
      operator: 'tester',
      overrides: [],
      reason: null,
      nonce: 'n',
      expires_at: '2026-11-01T13:00:00Z',
    }
    const signature = '-----BEGIN SSH SIGNATURE-----'
    const decisions = [{ statement: '{"verdict":"approved"}', signature, approver: 'olga' }]
    const consent = { request, decisions }
    await bench.process().start({ ...bench.request({ kind: 'rollback' }), consent })
    const { approval, approval_id, action } = lastInputs()
    expect({ approval_id, action }).toEqual({ approval_id: 'apr_1', action: 'rollback' })
    expect(JSON.parse(Buffer.from(approval!, 'base64').toString('utf8'))).toEqual({
      request: canonicalJson(request),
      decisions,
    })
  })

  it('is found by whoever has another state directory', async () => {
    const request = bench.request()
    const { run_id } = await bench.process().start(request)
    const elsewhere = bench.process({ stateDirectory: join(bench.state, 'elsewhere') })
    const deployment = { ...request.deployment, run_id }
    // Nothing was written down there: GitHub's own deployments say which job deployed.
    expect(await bench.watch(deployment, undefined, elsewhere)).toMatchObject({
      run_id,
      state: 'succeeded',
      switched: true,
    })
  })

  it('is judged by the job that the configuration names', async () => {
    bench.how.scenario = ({ id }) => ({ conclusion: id === 'build' ? 'success' : 'failure' })
    const request = bench.request()
    const environment = environmentOf('production')
    environment.github.job = 'build'
    await bench.process().start({ ...request, environment })
    expect(await bench.watch(request.deployment)).toMatchObject({
      state: 'succeeded',
      cause: expect.stringContaining('job Deploy it failed'),
    })
  })

  it('is recorded on GitHub, once, where the workflow leaves no record itself', async () => {
    const environment = environmentOf('production')
    environment.github.job = 'ship'
    bench.how.scenario = () => ({ conclusion: 'success', durationMs: 5000 })
    const request = bench.request()
    const bare = () => bench.process({ workflow: 'bare.yml', environments: [environment] })
    await bare().start({ ...request, environment })
    const from = bench.hub.requests.length
    for (const state of ['running', 'running', 'succeeded', 'succeeded'] as const) {
      await bench.hub.clock.advance(1000)
      const run = await bench.watch(request.deployment, [state], bare())
      await bare().report!(request.deployment, run)
    }
    const changes = bench.hub.requests.slice(from).filter(({ method }) => method === 'POST')
    expect(changes.map(({ path }) => path.replace(/\d+/, 'N').slice(-30))).toEqual([
      expect.stringMatching(/clinic\/deployments$/),
      expect.stringMatching(/deployments\/N\/statuses$/),
      expect.stringMatching(/deployments\/N\/statuses$/),
    ])
    expect(changes.at(-1)?.body).toMatchObject({ state: 'success' })
  })

  it('costs counted requests only when something changed, for any number of watchers and their logs', async () => {
    const minutes = 60_000
    bench.how.scenario = ({ id }) => ({
      conclusion: 'success',
      durationMs: id === 'build' ? 2 * minutes : 8 * minutes,
    })
    const { deployment, ...request } = bench.request()
    const { run_id } = await bench.process().start({ deployment, ...request })
    const from = bench.hub.requests.length
    const watchers = [bench.process(), bench.process(), bench.process()]
    const states: string[] = []
    for (let looks = 0; looks < 22; looks++) {
      for (const watcher of watchers) {
        await watcher.find(deployment)
        await watcher.log(deployment)
      }
      const state = await stateOnGitHub(run_id)
      if (state !== states.at(-1)) states.push(state)
      await bench.hub.clock.advance(30_000)
    }
    expect(states.at(-1)).toMatch(/^completed success; build completed, Deploy it completed/)
    const asked = bench.hub.requests.slice(from).filter(({ login }) => login === 'gonogo-bot')
    expect(asked.length).toBeGreaterThan(22 * watchers.length)
    const changes = states.length - 1
    console.log(
      states,
      asked.length,
      asked.filter(({ counted }) => counted).map((r) => r.path),
    )
    expect(asked.filter(({ counted }) => counted).length).toBeLessThanOrEqual(4 + changes)
  })
})

describe('a workflow that takes no commit', () => {
  it('is started on the branch while that is the commit, then on a tag or branch that is', async () => {
    const old = await bench.repository.commit({ 'app.txt': '1' })
    const asked = () => bench.request({ release: { sha: old, version: 'v1.0.0' } })
    await byRef().start(asked())
    expect(bench.dispatches().at(-1)?.body).toMatchObject({ ref: 'main', inputs: {} })

    await bench.repository.git('tag', '--annotate', '--message=v1.0.0', 'v1.0.0', old)
    await bench.repository.git('branch', 'v1.0.0-rc', old)
    const next = await bench.repository.commit({ 'app.txt': '2' })
    await byRef().start(asked())
    expect(bench.dispatches().at(-1)?.body).toMatchObject({ ref: 'v1.0.0' })
    await byRef().start(bench.request({ release: { sha: old, version: old.slice(0, 12) } }))
    expect(bench.dispatches().at(-1)?.body).toMatchObject({ ref: 'v1.0.0-rc' })

    await bench.repository.commit({ 'app.txt': '3' })
    const failing = byRef().describe(intent({ release: { sha: next, version: 'v2' } }))
    await expect(failing).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: `no input of .github/workflows/by-ref.yml carries the commit, and no branch or tag points to ${next.slice(0, 12)}`,
      hint: expect.stringContaining('      sha:\n        description: Commit to deploy'),
    })
  })

  it('fails when the branch moved just then: it deployed something else', async () => {
    const tip = await bench.repository.git('rev-parse', 'HEAD')
    const moving = bench.process({
      workflow: 'by-ref.yml',
      as: (client) => ({
        ...client,
        send: async (...sent) => {
          await bench.repository.commit({ 'app.txt': 'moved' })
          return await client.send(...sent)
        },
      }),
    })
    const request = bench.request({ release: { sha: tip, version: 'v3' } })
    await moving.start(request)
    expect(await bench.watch(request.deployment)).toMatchObject({
      state: 'failed',
      switched: true,
      cause: expect.stringMatching(/^it deployed \w{12} instead of \w{12}: main moved/),
    })
  })
})

describe('GitHub Enterprise Server', () => {
  it('answers without an id, and takes fewer inputs', async () => {
    const many = Array.from({ length: 11 }, (_, index) => `      i${index}: {}`).join('\n')
    const ghes = await openBench({
      host: 'ghes',
      files: {
        '.github/workflows/many.yml': `on:\n  workflow_dispatch:\n    inputs:\n      sha: {}\n${many}\njobs:\n  deploy:\n    environment: production\n    runs-on: x\n    steps: [{ run: echo }]\n`,
      },
    })
    const request = ghes.request()
    await ghes.process().start(request)
    expect(ghes.dispatches()[0]).toMatchObject({ status: 204 })
    expect(ghes.dispatches()[0]?.body).not.toHaveProperty('return_run_details')
    expect(await ghes.watch(request.deployment)).toMatchObject({ state: 'succeeded' })

    const environment = environmentOf('production')
    for (let index = 0; index < 11; index++) environment.github.inputs[`i${index}`] = 'x'
    const described = ghes
      .process({ workflow: 'many.yml' })
      .describe({ ...intent(), environment, release: request.deployment.release })
    await expect(described).rejects.toThrow('12 inputs would be sent, and this GitHub takes 10')
    const { violations } = ghes.hub
    await ghes[Symbol.asyncDispose]()
    expect(violations).toEqual([])
  })
})
