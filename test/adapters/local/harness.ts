import { mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import type { LocalPipelineDeps } from '../../../src/adapters/local/deps.ts'
import { createLocalPipeline } from '../../../src/adapters/local/pipeline.ts'
import { allowedEnvironment } from '../../../src/adapters/process/environment.ts'
import { createProcesses } from '../../../src/adapters/process/processes.ts'
import { createRuntime } from '../../../src/adapters/runtime/runtime.ts'
import type { Environment, LocalTarget, Step } from '../../../src/core/project.ts'
import type { Pipeline, Run, RunOf, RunRequest } from '../../../src/ports/pipeline.ts'
import { approverRule } from '../../support/fake-project.ts'

const support = (name: string) => fileURLToPath(new URL(`../../support/${name}`, import.meta.url))

export const runnerCommand = [process.execPath, support('local-runner-main.ts')]
export const startMain = support('local-start-main.ts')
export const killAt = (point: string) => ({
  NODE_OPTIONS: `--import=${support('kill-at.mjs')}`,
  GONOGO_TEST_KILL_AT: point,
})

/** A shell line keeps the steps of a test readable; the product never builds one. */
export function step(name: string, script: string, seconds = 30): Step {
  return { name, run: ['sh', '-c', script], directory: '.', timeout_seconds: seconds }
}

/** Appends the step's name to the file that tells which steps ran, in which order. */
export const witnessed = (name: string) => step(name, `echo ${name} >> "$WITNESS"`)

const textOf = (path: string) => readFile(path, 'utf8').catch(() => '')

export type Bench = Awaited<ReturnType<typeof createBench>>

export async function createBench() {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'gonogo-local-')))
  const place = (name: string) => join(root, name)
  const runtime = createRuntime()
  const processes = createProcesses()
  await mkdir(place('repository'))
  await writeFile(place('repository/app.txt'), 'hello\n')

  const deps: LocalPipelineDeps = {
    runtime,
    processes,
    stateDirectory: place('state'),
    repository: place('repository'),
    runnerCommand,
    baseEnvironment: allowedEnvironment(),
    ownEnvironment: {},
  }
  const pipeline = createLocalPipeline(deps)

  function environment(
    target: Partial<LocalTarget> = {},
    changes: Partial<Environment> = {},
  ): Environment {
    const { env, ...others } = changes
    return {
      name: 'staging',
      url: null,
      health: {},
      version: null,
      checks: {
        git_ref_valid: 'required',
        tests_passed: 'off',
        security_scan: 'off',
        migrations_safe: 'off',
        environment_config: 'off',
        docker_images: 'off',
        preflight: 'off',
        changes_reviewed: 'off',
        environment_protection: 'off',
        freeze_window: 'off',
        environment_lock: 'off',
        clock_skew: 'off',
      },
      approval: 'none',
      least_level: 'L0',
      approvers: approverRule(),
      verify: 'off',
      variables: {},
      env: { WITNESS: place('witness'), ...env },
      pass_env: [],
      env_file: null,
      github: { environment: 'staging', workflow: null, job: null, inputs: {} },
      local: {
        directory: place('target'),
        prepare: [],
        activate: [],
        keep_releases: 5,
        ...target,
      },
      ...others,
    }
  }

  function request(where: Environment, version = 'v1.0.0'): RunRequest {
    const sha = runtime.sha256(version).slice(0, 40)
    const deployment = {
      id: runtime.id('dep'),
      environment: where.name,
      kind: 'deploy',
      release: { sha, version },
      run_id: null,
      created_at: runtime.now(),
    } as const
    return { deployment, environment: where, consent: null }
  }

  const runPath = (id: string, name = '') => join(root, 'state', 'runs', id, name)

  return {
    root,
    place,
    runtime,
    processes,
    deps,
    pipeline,
    environment,
    request,
    runPath,
    /** Names of the steps that ran. */
    witnesses: async () => (await textOf(place('witness'))).split('\n').filter(Boolean),
    logOf: (id: string) => textOf(runPath(id, 'log')),
    current: async () => textOf(join(root, 'target', 'current', '.gonogo-release.json')),
    releases: async () => (await readdir(place('target/releases'))).toSorted(),
    /** Starts the run and waits until it has ended. */
    async finish(wanted: RunRequest, using: Pipeline = pipeline): Promise<Run> {
      await using.start(wanted)
      return ended(using, wanted.deployment)
    },
    async [Symbol.asyncDispose]() {
      for (const id of await readdir(runPath('')).catch(() => []))
        await pipeline.cancel({ ...request(environment()).deployment, id })
      await rm(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

export async function ended(pipeline: Pipeline, deployment: RunOf): Promise<Run> {
  return until(`run ${deployment.id} to end`, async () => {
    const run = await pipeline.find(deployment)
    return run === null || run.state === 'running' ? null : run
  })
}

export async function claimedPid(where: Bench, id: string): Promise<number> {
  return JSON.parse(await readFile(where.runPath(id, 'claim.json'), 'utf8')).pid
}

/** Polls until there is an answer; fails with a name instead of hanging. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  withinMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + withinMs
  while (performance.now() < deadline) {
    const answer = await look()
    if (answer !== null && answer !== undefined && answer !== false) return answer
    await delay(15)
  }
  throw new Error(`waited in vain for ${what}`)
}
