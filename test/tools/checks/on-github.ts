import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGitHubClient } from '../../../src/adapters/github/client/client.ts'
import { createGitHubPipeline } from '../../../src/adapters/github/pipeline.ts'
import { createPreflighter } from '../../../src/adapters/github/workflow/preflighter.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import { createVariables } from '../../../src/adapters/variables/variables.ts'
import type { Check } from '../../../src/core/check.ts'
import type { Environment } from '../../../src/core/project.ts'
import type { Release } from '../../../src/core/release.ts'
import type { CheckRunner } from '../../../src/tools/checks/check-runner.ts'
import type { Hub, HubEnvironment, HubOptions } from '../../hub/hub.ts'
import { startHub } from '../../hub/start.ts'
import { makeWorld } from '../../support/fake-context.ts'
import { fakeEnvironment, fakeProject } from '../../support/fake-project.ts'
import { makeRepositoryOf } from '../../support/repository.ts'

/** A workflow whose deploying job waits for one that verifies the approval, or for nothing. */
export const workflow = (gate: boolean) => `on:
  workflow_dispatch:
    inputs:
      sha: { type: string, required: true }
      approval: { type: string, default: '' }
jobs:
  approval:
    runs-on: ubuntu-latest
    steps: [{ run: 'ssh-keygen -Y verify -f signers -I ada -n gonogo -s approval.sig < request' }]
  deploy:
    ${gate ? 'needs: approval' : '# needs nothing'}
    runs-on: ubuntu-latest
    environment: production
    steps: [{ run: './deploy.sh \${{ inputs.sha }}' }]
`

export interface Asked {
  /** What the environment runs; absent: nobody knows. */
  from?: Release
  release?: Release
  /** Changes of staging and production. */
  staging?: Partial<Environment>
  production?: Partial<Environment>
  /** Which of them it is about; default production. */
  environment?: 'staging' | 'production'
  signal?: AbortSignal
}

/** Runs a check against the stand-in for GitHub, over the real pipeline. Close it. */
export async function openGitHub(options: Partial<HubOptions> & { gate?: boolean } = {}) {
  const { gate = false, ...rest } = options
  const { repository, sha } = await makeRepositoryOf({
    '.github/workflows/cd.yml': workflow(gate),
  })
  const hub = await startHub({ git: join(repository.directory, '.git'), ...rest })
  const state = await mkdtemp(join(tmpdir(), 'gonogo-check-'))
  const runtime = createRuntime()
  const settings = {
    repository: hub.repository,
    api_url: hub.apiUrl,
    workflow: 'cd.yml',
    ref: null,
    token_command: null,
    app: null,
    inputs: {},
    approval_job: 'approval',
    lock: 'auto' as const,
    tests: { suites: [], wait_seconds: 0 },
  }
  const client = createGitHubClient({
    settings,
    token: hub.token,
    onToken: () => undefined,
    shutdown: new AbortController().signal,
    stateDirectory: state,
    repository: repository.directory,
    // What fails for a while is asked for again without waiting.
    runtime: { ...runtime, sleep: async () => undefined },
    processes: createProcesses(),
    commandEnv: {},
    env: {},
    version: '0.0.0',
  })
  const first = { sha, version: 'v1' }
  return {
    hub,
    repository,
    first,
    ask: async (runner: CheckRunner, asked: Asked = {}): Promise<Check> => {
      const environments = [
        fakeEnvironment('staging', { variables: {}, ...asked.staging }),
        fakeEnvironment('production', { variables: {}, ...asked.production }),
      ]
      const [staging, production] = environments
      const environment = asked.environment === 'staging' ? staging! : production!
      const pipeline = createGitHubPipeline({
        client,
        settings,
        project: fakeProject(),
        environments,
        stateDirectory: state,
        runtime,
        preflighter: createPreflighter(),
        secrets: () => [],
      })
      const variables = createVariables({ env: {} })
      const project = fakeProject({ pipeline: 'github', github: settings, environments })
      const { call } = makeWorld({ project, pipeline, variables })
      if (runner.applies?.(call, environment) === false) throw new Error('it does not apply')
      const { from = null, release = first } = asked
      const signal = asked.signal ?? new AbortController().signal
      const about = {
        git_ref: release.version,
        kind: 'tag',
        committed_at: '',
        subject: '',
      } as const
      const now = { release: from, source: null, live: { asked: false }, drift: null } as const
      const subject = { environment, release: { ...release, ...about }, now, allowOlder: false }
      return await runner.run(subject, call, signal)
    },
    close: async () => {
      await hub.close()
      await repository.remove()
      await rm(state, { recursive: true, force: true })
    },
  }
}

export type GitHubBench = Awaited<ReturnType<typeof openGitHub>>

/** As an administrator made it. */
export function hubEnvironment(changes: Partial<HubEnvironment> = {}): HubEnvironment {
  return {
    reviewers: [],
    preventSelfReview: false,
    waitMinutes: 0,
    branches: 'all',
    variables: [],
    secrets: [],
    ...changes,
  }
}

/** As they are on a new stand-in. */
export function resetSettings({ settings, faults }: Hub): void {
  for (const one of [settings.environments, settings.requiredChecks, settings.missingPermissions])
    one.clear()
  settings.logins.clear()
  Object.assign(settings, {
    variables: {},
    isPublic: false,
    organizationVariables: null,
    secrets: [],
    organizationSecrets: [],
    pulls: [],
  })
  faults.length = 0
}
