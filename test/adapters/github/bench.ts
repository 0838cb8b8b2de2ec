import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGitHubClient } from '../../../src/adapters/github/client/client.ts'
import type { GitHubClient } from '../../../src/adapters/github/client/github-client.ts'
import type { GitHubPipelineDeps } from '../../../src/adapters/github/deps.ts'
import { createGitHubPipeline } from '../../../src/adapters/github/pipeline.ts'
import type { SentRecord } from '../../../src/adapters/github/runs/run-record.ts'
import { createPreflighter } from '../../../src/adapters/github/workflow/preflighter.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import type { Environment, GitHubSettings } from '../../../src/core/project.ts'
import type { Pipeline, Run, RunOf, RunRequest } from '../../../src/ports/pipeline.ts'
import type { Preflighter } from '../../../src/ports/preflighter.ts'
import type { Runtime } from '../../../src/ports/runtime.ts'
import type { Fault, HubOptions, Scenario } from '../../hub/hub.ts'
import { startHub } from '../../hub/start.ts'
import { fakeEnvironment, fakeProject } from '../../support/fake-project.ts'
import { makeRepositoryOf } from '../../support/repository.ts'

/** Its runs carry the deployment's id in their title. */
export const titledWorkflow = `
name: CD
run-name: \${{ inputs.action }} \${{ inputs.version }} to \${{ inputs.environment }} (\${{ inputs.deployment_id }})
on:
  workflow_dispatch:
    inputs:
      environment: { type: environment, required: true }
      version: { type: string, required: true }
      sha: { type: string, required: true }
      deployment_id: { type: string }
      action: { type: choice, options: [deploy, promote, rollback], default: deploy }
      approval: { type: string }
      approval_id: { type: string }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - { name: Compile, run: echo compiled }
  deploy:
    name: Deploy it
    needs: build
    environment: \${{ inputs.environment }}
    runs-on: ubuntu-latest
    steps:
      - name: Switch
        env: { SHA: "\${{ inputs.sha }}" }
        run: ./deploy "$SHA"
`

/** Nothing tells its runs apart but who started them, where and when. */
const plainWorkflow = `
name: Plain
on:
  workflow_dispatch:
    inputs:
      environment: { type: string }
      sha: { type: string }
jobs:
  deploy:
    environment: \${{ inputs.environment }}
    runs-on: ubuntu-latest
    steps:
      - { name: Switch, run: echo switched }
`

/** Only the ref it runs on says what it deploys. */
const refWorkflow = `
name: By ref
on:
  workflow_dispatch:
jobs:
  deploy:
    environment: production
    runs-on: ubuntu-latest
    steps:
      - { name: Switch, run: echo switched }
`

/** No job names an environment, so that GitHub records no deployment. */
const bareWorkflow = `
name: Bare
on:
  workflow_dispatch:
    inputs:
      sha: { type: string }
jobs:
  ship:
    runs-on: ubuntu-latest
    steps: [{ run: echo switched }]
`

/** Green without deploying: its condition is never met. */
const skippingWorkflow = `
name: Skips
run-name: deploy (\${{ inputs.deployment_id }})
on:
  workflow_dispatch:
    inputs:
      sha: { type: string }
      deployment_id: { type: string }
jobs:
  build:
    runs-on: ubuntu-latest
    steps: [{ run: echo built }]
  deploy:
    if: github.ref == 'refs/heads/release'
    needs: build
    environment: production
    runs-on: ubuntu-latest
    steps: [{ run: echo switched }]
`

const dispatches = /\/dispatches$/

export interface BenchOptions extends Partial<Omit<HubOptions, 'git'>> {
  workflow?: string
  environment?: Environment
  preflighter?: Preflighter
  /** Files of the first commit beside the workflows. */
  files?: Record<string, string>
}

interface ProcessChanges extends Partial<GitHubPipelineDeps> {
  token?: string
  workflow?: string
  /** Puts something between gonogo and GitHub. */
  as?: (client: GitHubClient) => GitHubClient
}

export type Bench = Awaited<ReturnType<typeof openBench>>

/** A repository on the stand-in, and gonogo's pipeline in front of it. Time passes when somebody sleeps. */
export async function openBench(options: BenchOptions = {}) {
  const { workflow = 'cd.yml', files = {}, ...rest } = options
  const {
    environment = environmentOf('production'),
    preflighter = createPreflighter(),
    ...hubOptions
  } = rest
  const { repository, sha } = await makeRepositoryOf({
    '.github/workflows/cd.yml': titledWorkflow,
    '.github/workflows/plain.yml': plainWorkflow,
    '.github/workflows/by-ref.yml': refWorkflow,
    '.github/workflows/skips.yml': skippingWorkflow,
    '.github/workflows/bare.yml': bareWorkflow,
    ...files,
  })
  const start = Date.parse('2026-11-01T12:00:00Z')
  const how: { scenario: Scenario } = { scenario: () => ({ conclusion: 'success' }) }
  const hub = await startHub({
    scenario: (job) => how.scenario(job),
    git: join(repository.directory, '.git'),
    clock: { manual: true, start },
    ...hubOptions,
  })
  const state = await realpath(await mkdtemp(join(tmpdir(), 'gonogo-github-')))
  const points: string[] = []
  const runtime: Runtime = {
    ...createRuntime(),
    now: () => hub.clock.now(),
    sleep: (ms) => hub.clock.advance(ms),
    reached: (point) => void points.push(point),
  }
  const settings: GitHubSettings = {
    repository: hub.repository,
    api_url: hub.apiUrl,
    workflow,
    ref: null,
    token_command: null,
    app: null,
    inputs: {},
    approval_job: 'approval',
    lock: 'auto',
    tests: { suites: [], wait_seconds: 0 },
  }

  /** What another process has: it shares nothing with the first but the state directory. */
  function parts(changes: ProcessChanges = {}): GitHubPipelineDeps {
    const { token = hub.token, workflow: file = workflow, as, ...others } = changes
    const own = { ...settings, workflow: file }
    const client = createGitHubClient({
      settings: own,
      token,
      onToken: () => undefined,
      shutdown: new AbortController().signal,
      stateDirectory: others.stateDirectory ?? state,
      repository: repository.directory,
      processes: createProcesses(),
      runtime: others.runtime ?? runtime,
      commandEnv: {},
      env: {},
      version: '0.0.0',
    })
    return {
      secrets: () => [],
      client: as ? as(client) : client,
      settings: own,
      project: fakeProject(),
      environments: [environment],
      stateDirectory: state,
      runtime,
      preflighter,
      ...others,
    }
  }

  const process = (changes: ProcessChanges = {}): Pipeline => createGitHubPipeline(parts(changes))

  let count = 0
  function request(changes: Partial<RunOf> = {}): RunRequest {
    const deployment: RunOf = {
      id: `dep_01jtest${count++}`,
      environment: environment.name,
      kind: 'promotion',
      release: { sha, version: 'v1.0.0' },
      run_id: null,
      created_at: hub.clock.now(),
      ...changes,
    }
    return { deployment, environment, consent: null }
  }

  return {
    hub,
    repository,
    sha,
    state,
    runtime,
    settings,
    environment,
    points,
    /** How jobs go from now on. */
    how,
    parts,
    process,
    pipeline: process(),
    request,
    fault: (fault: Fault) => void hub.faults.push(fault),
    onDispatch: (kind: Fault['kind']) =>
      void hub.faults.push({ method: 'POST', path: dispatches, kind }),
    /** What GitHub was asked to start. */
    dispatches: () =>
      hub.requests.filter(({ method, path }) => method === 'POST' && dispatches.test(path)),
    record: async ({ deployment }: RunRequest) =>
      JSON.parse(
        await readFile(join(state, 'github', 'runs', `${deployment.id}.json`), 'utf8'),
      ) as SentRecord,
    /** Watches a run as a keeper does, until it is in one of these states. */
    async watch(
      deployment: RunOf,
      wanted: readonly Run['state'][] = ['succeeded', 'failed', 'cancelled', 'lost', 'refused'],
      pipeline: Pipeline = process(),
    ): Promise<Run> {
      for (let looks = 0; looks < 60; looks++) {
        const run = await pipeline.find(deployment)
        if (run && wanted.includes(run.state)) return run
        await hub.clock.advance(3000)
      }
      throw new Error(`the run never became ${wanted.join(' or ')}`)
    },
    async [Symbol.asyncDispose]() {
      await hub.close()
      await repository.remove()
      await rm(state, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

export function environmentOf(name: string, changes: Partial<Environment> = {}): Environment {
  return {
    ...fakeEnvironment(name),
    approval: 'none',
    github: { environment: name, workflow: null, job: null, inputs: {} },
    ...changes,
  }
}
