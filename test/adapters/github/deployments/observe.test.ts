import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { unknownRelease, type ObservedDeployment } from '../../../../src/core/observed.ts'
import type { Environment } from '../../../../src/core/project.ts'
import type { JobOutcome, ScenarioJob } from '../../../hub/hub.ts'
import { environmentOf, openBench, type Bench, type BenchOptions } from '../bench.ts'

const staging = environmentOf('staging')
const production = environmentOf('production')

const onPush = `
name: Ship
on: { push: { branches: [main] } }
jobs:
  test:
    runs-on: ubuntu-latest
    steps: [{ name: Test, run: npm test }]
  deploy:
    needs: test
    environment: staging
    runs-on: ubuntu-latest
    steps: [{ name: Switch, run: ./deploy.sh }]
`

/** Migrations use the environment, too; the deployment itself is skipped where the input says so. */
const twoJobs = `
name: Two jobs
on:
  workflow_dispatch:
    inputs:
      skip_deploy: { type: boolean, default: false }
jobs:
  migrate:
    environment: production
    runs-on: ubuntu-latest
    steps: [{ name: Migrate, run: ./migrate.sh }]
  deploy:
    needs: migrate
    if: \${{ !inputs.skip_deploy }}
    environment: production
    runs-on: ubuntu-latest
    steps: [{ name: Switch, run: ./deploy.sh }]
`

/** Names no environment anywhere: GitHub records no deployments of it. */
const unnamed = `
name: Unnamed
on: { workflow_dispatch: { inputs: { reason: { type: string } } } }
jobs:
  put:
    name: Put it there
    if: \${{ inputs.reason != 'no' }}
    runs-on: ubuntu-latest
    steps: [{ name: Switch, run: ./deploy.sh }]
`

/** Deploys whatever its approval job says. */
const withApproval = `
name: CD
run-name: \${{ inputs.action }} \${{ inputs.version }} to \${{ inputs.environment }} (\${{ inputs.deployment_id }})
on:
  workflow_dispatch:
    inputs:
      environment: { type: environment, required: true }
      version: { type: string, required: true }
      deployment_id: { type: string }
      action: { type: choice, options: [deploy, promote, rollback], default: deploy }
jobs:
  approval:
    runs-on: ubuntu-latest
    steps: [{ name: Verify, run: ./verify.sh }]
  deploy:
    needs: approval
    if: always()
    environment: \${{ inputs.environment }}
    runs-on: ubuntu-latest
    steps: [{ name: Switch, run: ./deploy.sh }]
`

const toBoth = `
on: { workflow_dispatch: {} }
jobs:
  lint: { if: false, runs-on: ubuntu-latest, steps: [{ run: npm run lint }] }
  deploy:
    strategy: { matrix: { place: [staging, production] }, fail-fast: false }
    environment: \${{ matrix.place }}
    runs-on: ubuntu-latest
    steps: [{ name: Switch, run: ./deploy.sh }]
`

const files = {
  '.github/workflows/ship.yml': onPush,
  '.github/workflows/two-jobs.yml': twoJobs,
  '.github/workflows/unnamed.yml': unnamed,
}

let bench: Bench
async function open(options: BenchOptions = {}) {
  bench = await openBench({ files, ...options })
  return bench
}
afterEach(async () => {
  const { violations } = bench.hub
  await bench[Symbol.asyncDispose]()
  expect(violations).toEqual([])
})

/** What another process sees now. */
async function observed(
  environments: Environment[] = [staging, production],
  workflow = 'cd.yml',
): Promise<ObservedDeployment[]> {
  const settings = { ...bench.settings, workflow }
  return await bench.process({ environments, settings }).observed!()
}

const current = (environment: Environment, workflow = 'cd.yml') =>
  bench
    .process({ environments: [staging, production], settings: { ...bench.settings, workflow } })
    .current(environment)

/** Somebody clicks "Run workflow", and it runs to its end. */
async function click(inputs: Record<string, string> = {}, workflow = 'cd.yml', ref = 'main') {
  const options = { workflow, event: 'workflow_dispatch' as const, ref, login: 'octo', inputs }
  const run = await bench.hub.actions.start(options)
  await bench.hub.clock.advance(60_000)
  return run
}

async function push() {
  const options = { workflow: 'ship.yml', event: 'push' as const, ref: 'main', login: 'octo' }
  const run = await bench.hub.actions.start(options)
  await bench.hub.clock.advance(60_000)
  return run
}

const counted = () => bench.hub.requests.filter((request) => request.counted).length

describe('what a push to main deploys', () => {
  it('is observed, never claimed as ours, and costs nothing to look at again in any process', async () => {
    await open()
    await bench.repository.git('tag', '--annotate', '--message=one', 'v1.0.0')
    const run_id = await push()

    const [deployment, ...others] = await observed()

    expect(others).toEqual([])
    expect(deployment).toEqual({
      external_id: `run/${run_id}/1/staging`,
      environment: 'staging',
      release: { sha: bench.sha, version: 'v1.0.0' },
      git_ref: 'main',
      status: 'success',
      began: true,
      changed: true,
      cause: null,
      initiated_by: 'github:octo',
      run_id,
      correlation_id: null,
      consent_verified: false,
      created_at: expect.any(Number),
      completed_at: expect.any(Number),
    })
    expect(deployment!.completed_at).toBeGreaterThan(deployment!.created_at)
    expect(await current(staging)).toEqual({ sha: bench.sha, version: 'v1.0.0' })
    expect(await current(production)).toBeNull()

    const first = await observed()
    const before = counted()
    const asked = bench.hub.requests.length
    expect(await observed()).toEqual(first)
    expect(counted() - before).toBe(0)
    // The runs, the tags and two environments' deployments: what is over is not read again.
    expect(bench.hub.requests.length - asked).toBe(4)
    await push()
    expect(await observed()).toHaveLength(2)
    // Two lists changed, and there are the new run's jobs and statuses, and one that is inactive now.
    expect(counted() - before).toBeLessThanOrEqual(5)
    await writeFile(join(bench.state, 'github', 'observed.json'), '{ damaged')
    expect(await observed()).toHaveLength(2)
  })

  it('is in progress while its job runs, and a failure when that job fails', async () => {
    let conclusion: JobOutcome['conclusion'] = 'success'
    const scenario = ({ id }: ScenarioJob): JobOutcome =>
      id === 'deploy' ? { conclusion, durationMs: 30_000 } : { conclusion: 'success' }
    await open({ scenario })
    await push()
    conclusion = 'failure'
    await bench.repository.commit({ 'a.txt': 'a' })
    const options = { workflow: 'ship.yml', event: 'push' as const, ref: 'main', login: 'octo' }
    await bench.hub.actions.start(options)
    await bench.hub.clock.advance(10_000)
    expect((await observed())[0]).toMatchObject({ status: 'in_progress', completed_at: null })

    await bench.hub.clock.advance(60_000)

    const [newest, older] = await observed()
    expect(newest).toMatchObject({ status: 'failure', cause: 'its job deploy ended as failure' })
    expect(newest).toMatchObject({ began: true })
    expect(older).toMatchObject({ status: 'success' })
    // It failed when it was at it: nobody can say that the older one runs still.
    expect(await current(staging)).toEqual(unknownRelease)
  })
})

describe('what somebody started by hand', () => {
  it('has the release that its title names, if that always means the same commit', async () => {
    await open()
    await bench.repository.git('tag', 'v1.4.0')
    const inputs = { environment: 'production', sha: bench.sha, deployment_id: 'dep_01another99' }
    await click({ ...inputs, version: 'v1.4.0' })
    await click({ ...inputs, version: bench.sha.slice(0, 12), deployment_id: '' })
    await click({ ...inputs, version: 'main', action: 'rollback' })
    await click({ ...inputs, version: 'v9' })

    const [unknown, branch, short, tag] = await observed()

    const release = { sha: bench.sha, version: 'v1.4.0' }
    expect(tag).toMatchObject({ release, cause: null, correlation_id: 'dep_01another99' })
    expect(short).toMatchObject({ release, correlation_id: null })
    const cause = 'the run was started with inputs GitHub does not tell'
    expect(branch).toMatchObject({ release: null, cause, status: 'success' })
    expect(unknown).toMatchObject({ release: null, cause })
    // What was deployed last is not known: an older release is no answer.
    expect(await current(production)).toEqual(unknownRelease)
  })

  it('keeps the release that its title named when the tag is moved', async () => {
    await open()
    await bench.repository.git('tag', 'v1.4.0')
    await click({ environment: 'production', sha: bench.sha, version: 'v1.4.0' })
    const release = { sha: bench.sha, version: 'v1.4.0' }
    expect(await current(production)).toEqual(release)

    await bench.repository.commit({ 'a.txt': 'a' })
    await bench.repository.git('tag', '--force', 'v1.4.0')

    expect(await current(production)).toEqual(release)
  })

  it('is judged for each environment of a matrix by its own job', async () => {
    await open({
      files: { ...files, '.github/workflows/both.yml': toBoth },
      scenario: ({ environment }) => ({
        conclusion: environment === 'production' ? 'failure' : 'success',
      }),
    })
    await click({}, 'both.yml')

    const found = await observed(undefined, 'both.yml')

    expect(found.map(({ environment, status }) => `${environment} ${status}`).toSorted()).toEqual([
      'production failure',
      'staging success',
    ])
  })

  it('has what GitHub does tell: no inputs, but commits, jobs and which of them were skipped', async () => {
    await open()
    await click({ environment: 'production', sha: 'v1' }, 'plain.yml')
    await click({}, 'by-ref.yml')
    await click({}, 'two-jobs.yml')
    await click({ skip_deploy: 'true' }, 'two-jobs.yml')

    // One deployment a run, however many of its jobs name the environment.
    const [skipped, done, byRef, plain, ...more] = await observed()

    expect(more).toEqual([])
    expect(plain).toMatchObject({ release: null, cause: expect.stringContaining('inputs') })
    expect(byRef).toMatchObject({ release: { sha: bench.sha }, cause: null })
    expect(done).toMatchObject({ environment: 'production', status: 'success' })
    expect(skipped).toMatchObject({
      status: 'failure',
      cause: 'the run was green, but its job deploy was skipped',
    })
    expect(await current(production)).toEqual(done!.release)
  })

  it('is found by the configured job where no job names an environment, or by what was recorded without a run', async () => {
    await open()
    const github = { ...production.github, job: 'put' }
    const environments = [{ ...production, github }]
    await click({ reason: 'no' }, 'unnamed.yml')
    await click({ reason: 'yes' }, 'unnamed.yml')
    expect(await observed(environments, 'unnamed.yml')).toMatchObject([
      { environment: 'production', status: 'success', release: { sha: bench.sha } },
    ])
    const both = [...environments, { ...staging, github: { ...staging.github, job: 'put' } }]
    expect(await observed(both, 'unnamed.yml')).toEqual([])

    // Without a run there is what its statuses say; one nobody said anything about is left out.
    const token = bench.hub.person('vendor')
    const post = async (path: string, body: object) => {
      const response = await fetch(`${bench.hub.apiUrl}/repos/acme/clinic${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      })
      return (await response.json()) as { id: number }
    }
    const given = { ref: bench.sha, environment: 'staging', required_contexts: [] }
    const { id } = await post('/deployments', { ...given, auto_merge: false })
    expect(await observed([staging])).toEqual([])
    await post(`/deployments/${id}/statuses`, { state: 'success' })

    expect(await observed([staging])).toMatchObject([
      {
        external_id: `deployment/${id}`,
        status: 'success',
        release: { sha: bench.sha },
        initiated_by: 'github:vendor',
        run_id: null,
        consent_verified: false,
      },
    ])
  })

  it('verified a request only if its approval job did, as the configured branch has it', async () => {
    let refused = false
    const scenario = ({ id }: ScenarioJob): JobOutcome => ({
      conclusion: id === 'approval' && refused ? 'failure' : 'success',
    })
    await open({ files: { '.github/workflows/cd.yml': withApproval }, scenario })
    await bench.repository.git('branch', 'mine')
    const inputs = { environment: 'production', version: bench.sha }
    await click(inputs)
    await click(inputs, 'cd.yml', 'mine')
    refused = true
    await click(inputs)
    const found = await observed()
    expect(found.map(({ consent_verified }) => consent_verified)).toEqual([false, false, true])
  })

  it('verified nothing when only its failed jobs ran again, by somebody else', async () => {
    let conclusion: JobOutcome['conclusion'] = 'failure'
    const scenario = ({ id }: ScenarioJob): JobOutcome =>
      id === 'deploy' ? { conclusion } : { conclusion: 'success' }
    await open({ files: { '.github/workflows/cd.yml': withApproval }, scenario })
    const run = await click({ environment: 'production', version: bench.sha })
    conclusion = 'success'
    const url = `${bench.hub.apiUrl}/repos/acme/clinic/actions/runs/${run}/rerun-failed-jobs`
    const headers = { authorization: `Bearer ${bench.hub.person('mallory')}` }
    expect((await fetch(url, { method: 'POST', headers })).status).toBe(201)
    await bench.hub.clock.advance(60_000)

    expect(await observed()).toMatchObject([
      { status: 'success', initiated_by: 'github:mallory', consent_verified: false },
      { status: 'failure', initiated_by: 'github:octo', consent_verified: true },
    ])
  })
})

describe('what gonogo started', () => {
  it('is the commit that it ran on, where the branch moved just then', async () => {
    await open({ workflow: 'by-ref.yml' })
    const moving = bench.process({
      as: (client) => ({
        ...client,
        send: async (...sent) => {
          await bench.repository.commit({ 'app.txt': 'moved' })
          return await client.send(...sent)
        },
      }),
    })
    const request = bench.request({ release: { sha: bench.sha, version: 'v1' } })
    await moving.start(request)
    expect(await bench.watch(request.deployment)).toMatchObject({ state: 'failed' })

    const sha = (await bench.repository.git('rev-parse', 'HEAD')).trim()
    expect(await current(production, 'by-ref.yml')).toMatchObject({ sha })
  })

  it('is what runs; others neither hide behind its id nor behind its run', async () => {
    await open()
    const request = bench.request()
    const { run_id } = await bench.pipeline.start(request)
    await bench.watch(request.deployment)
    expect(await observed()).toEqual([])
    expect(await current(production)).toEqual(request.deployment.release)

    const copied = await click({
      environment: 'production',
      version: bench.sha,
      sha: bench.sha,
      deployment_id: request.deployment.id,
    })
    await bench.hub.actions.rerun(run_id, 'mallory')
    await bench.hub.clock.advance(60_000)

    expect(await observed()).toMatchObject([
      { external_id: `run/${run_id}/2/production`, initiated_by: 'github:mallory' },
      { run_id: copied, initiated_by: 'github:octo', correlation_id: null },
    ])
  })
})
