import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createGitHubClient } from '../../../src/adapters/github/client/client.ts'
import { createGitHubPipeline } from '../../../src/adapters/github/pipeline.ts'
import { createPreflighter } from '../../../src/adapters/github/workflow/preflighter.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import { fakeProject } from '../../support/fake-project.ts'
import { pipelineContract, type PipelineUnderTest } from '../../support/pipeline-contract.ts'
import { environmentOf, openBench } from './bench.ts'

const file = 'gonogo-contract.yml'
const source = new URL('contract-workflow.yml', import.meta.url)
const environment = environmentOf('gonogo-contract')

pipelineContract('GitHub, by the stand-in', async () => {
  const bench = await openBench({
    workflow: file,
    environment,
    files: { [`.github/workflows/${file}`]: await readFile(source, 'utf8') },
  })
  bench.how.scenario = ({ run: { inputs } }) => {
    const version = inputs['version'] ?? ''
    return {
      conclusion: version.startsWith('fails') ? 'failure' : 'success',
      durationMs: version.startsWith('goes-on') ? 300_000 : 1000,
      logs: { Switch: 'deployed it' },
    }
  }
  return {
    pipeline: bench.process(),
    other: () => bench.process(),
    environment,
    request: (how) => bench.request({ release: { sha: bench.sha, version: `${how}-1` } }),
    runs: async (id) =>
      bench.dispatches().filter(({ body }) => JSON.stringify(body).includes(id)).length,
    pass: () => bench.hub.clock.advance(1000),
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  } satisfies PipelineUnderTest
})

// Against GitHub itself, in a repository of yours that has the workflow above as
// `.github/workflows/gonogo-contract.yml`: GONOGO_LIVE_REPOSITORY=owner/name GITHUB_TOKEN=... vitest run
const repository = process.env['GONOGO_LIVE_REPOSITORY']

// Registered only when somebody asks for it, so that no test is skipped everywhere else.
if (repository !== undefined) {
  // Its machines take their time.
  pipelineContract('GitHub itself', () => openLive(repository), 600_000)
}

async function openLive(name: string): Promise<PipelineUnderTest> {
  const state = await mkdtemp(join(tmpdir(), 'gonogo-live-'))
  const runtime = createRuntime()
  const settings = {
    repository: name,
    api_url: 'https://api.github.com',
    workflow: file,
    ref: null,
    token_command: null,
    app: null,
    inputs: {},
    approval_job: 'approval',
    lock: 'off' as const,
    tests: { suites: [], wait_seconds: 0 },
  }
  const connect = () => {
    const client = createGitHubClient({
      settings,
      token: process.env['GITHUB_TOKEN'] ?? null,
      onToken: () => undefined,
      shutdown: new AbortController().signal,
      stateDirectory: state,
      repository: state,
      processes: createProcesses(),
      runtime,
      commandEnv: {},
      env: process.env,
      version: 'contract',
    })
    const pipeline = createGitHubPipeline({
      secrets: () => [],
      client,
      settings,
      project: fakeProject(),
      environments: [environment],
      stateDirectory: state,
      runtime,
      preflighter: createPreflighter(),
    })
    return { client, pipeline }
  }
  const { client, pipeline } = connect()
  const { data } = await client.get<{ sha: string }>('/commits/{ref}', { ref: 'HEAD' })
  return {
    pipeline,
    other: () => connect().pipeline,
    environment,
    request: (how) => ({
      deployment: {
        id: runtime.id('dep'),
        environment: environment.name,
        kind: 'deploy',
        release: { sha: data.sha, version: `${how}-1` },
        run_id: null,
        created_at: runtime.now(),
      },
      environment,
      consent: null,
    }),
    async runs(id) {
      const { items } = await client.list<{ display_title: string }>(
        '/actions/workflows/{workflow_id}/runs',
        { params: { workflow_id: file }, key: 'workflow_runs', most: 100 },
      )
      return items.filter(({ display_title }) => display_title.includes(id)).length
    },
    pass: () => delay(3000),
    [Symbol.asyncDispose]: () => rm(state, { recursive: true, force: true }),
  }
}
