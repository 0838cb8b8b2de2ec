import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Principal } from '../../src/core/principal.ts'
import { addApprover } from '../../src/desk/approvers.ts'
import { approveById } from './approve-by-id.ts'
import type { Call } from '../../src/ports/context.ts'
import { tools } from '../../src/tools/index.ts'
import { listDeployments } from '../../src/tools/list-deployments.ts'
import { connect } from '../../src/wiring.ts'
import { mainFile, run, type Outcome, type RunOptions } from './clinic.ts'
import { startLiveServer, type LiveServer, type LiveService } from './live-server.ts'
import { endProcessesOf, processesOf } from './processes-of.ts'
import { makeRepository, type Repository } from './repository.ts'
import { configuration, type SmallConfig } from './small-config.ts'
import { until } from './until.ts'

/** What the small projects of one test file share: releases v1 to v3, a live server, a signing key. */
export interface Workshop {
  shas: Record<'v1' | 'v2' | 'v3', string>
  repository: Repository
  /** Private key file of the one approver, `ada`. */
  key: string
  project(options?: SmallOptions): Promise<SmallProject>
  /** A project for the time of one test. */
  with(options: SmallOptions, work: (project: SmallProject) => Promise<void>): Promise<void>
  close(): Promise<void>
}

export interface SmallOptions {
  /** In order. Default: production alone, so that a promotion needs no staging first. */
  environments?: readonly string[]
  /** Of the last environment. Default: required. */
  approval?: 'required' | 'none'
  /** Last word on the configuration. */
  configure?: (config: SmallConfig) => void
}

/** What these tests look at in the answers of tools. */
export interface Answer {
  status: string
  deployment_id: string | null
  rollback_id: string | null
  approval: { id: string; state: string }
  accepted: string
  blockers: string[]
  warnings: string[]
  watched_by: string | null
  deployment: { deployment_id: string; status: string; phase: string; health_status: string }
  failure?: { phase: string; step: string | null; cause: string }
  deployments: Answer['deployment'][]
}

/** A project whose deployments take no time: each step appends a line to a file. */
export interface SmallProject {
  root: string
  env: Record<string, string>
  config: SmallConfig
  /** Writes `config` to gonogo.yaml. */
  save(): Promise<void>
  live: Record<string, LiveService>
  /** Runs the built program, without a terminal. */
  gonogo(args: readonly string[], options?: RunOptions): Promise<Outcome>
  /** Works in this process, with the same adapters, as who `gonogo` calls as unless told otherwise. */
  within<T>(work: (call: Call) => Promise<T>, options?: WithinOptions): Promise<T>
  /** Calls a tool in this process; resolves to its output. */
  tool(name: string, input: Record<string, unknown>, options?: WithinOptions): Promise<Answer>
  /** Approves a request as the approver. */
  sign(id: string): Promise<void>
  /** The id of a request to promote this version, which a person has signed. */
  approved(version: string, options?: WithinOptions): Promise<string>
  /** A release's `activate` step waits, or fails, from now on; the function ends that. */
  obstruct(how: 'hang' | 'fail', version: string): Promise<() => Promise<void>>
  /** `<deployment> <step>` for each step that ran, in order. */
  witnesses(): Promise<string[]>
  /** Waits for the end of every deployment; resolves to their statuses, newest first. */
  ended(): Promise<string[]>
  /** Resolves once no program works for this project any more. */
  idle(): Promise<void>
  close(): Promise<void>
}

export interface WithinOptions {
  principal?: Principal
  /** Added to the project's variables; keepers inherit it. */
  env?: Record<string, string>
  signal?: AbortSignal
}

const no = () => false as const
const desk: Principal = { kind: 'human', name: 'ada' }
export async function openWorkshop(): Promise<Workshop> {
  const repository = await makeRepository()
  const shas = { v1: '', v2: '', v3: '' }
  for (const version of ['v1', 'v2', 'v3'] as const) {
    shas[version] = await repository.commit({ 'app.txt': `${version}\n` })
    await repository.git('tag', version)
  }
  const keys = await mkdtemp(join(tmpdir(), 'gonogo-key-'))
  const key = join(keys, 'key')
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const servers: LiveServer[] = []
  const serverFor = async (index: number) => (servers[index] ??= await startLiveServer())
  return {
    shas,
    repository,
    key,
    project: async (options = {}) => buildProject({ repository, key, serverFor }, options),
    async with(options, work) {
      const project = await buildProject({ repository, key, serverFor }, options)
      try {
        await work(project)
      } finally {
        await project.close()
      }
    },
    async close() {
      for (const server of servers) await server.close()
      await rm(keys, { recursive: true })
      await repository.remove()
    },
  }
}

interface Shared {
  repository: Repository
  key: string
  /** No two environments of a project may share host and port. */
  serverFor(index: number): Promise<LiveServer>
}

async function buildProject(shared: Shared, options: SmallOptions): Promise<SmallProject> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'gonogo-small-')))
  const env = { PATH: process.env['PATH'] ?? '', HOME: join(root, 'home'), LANG: 'C.UTF-8' }
  await mkdir(env.HOME)
  const names = options.environments ?? ['production']
  const live: Record<string, LiveService> = {}
  for (const [index, name] of names.entries()) {
    const server = await shared.serverFor(index)
    live[name] = server.serve(root.slice(-6), join(root, name))
  }
  const config = configuration(root, shared.repository.directory, live)
  if (options.approval) config.environments[names.at(-1)!]!.approval = options.approval
  options.configure?.(config)

  const within: SmallProject['within'] = async (work, { principal, signal, env: added } = {}) => {
    const shutdown = new AbortController()
    const context = await connect({
      directory: root,
      cwd: root,
      env: { ...env, ...added },
      readOnly: false,
      terminal: false,
      command: [process.execPath, mainFile],
      shutdown: shutdown.signal,
    })
    const call: Call = {
      ...context,
      principal: principal ?? { kind: 'automation', name: userInfo().username },
      requestId: context.runtime.id('req'),
      waitMs: Infinity,
      signal: signal ?? shutdown.signal,
      progress: () => undefined,
    }
    try {
      return await work(call)
    } finally {
      shutdown.abort()
      await context.store.close()
    }
  }

  const project: SmallProject = {
    root,
    env,
    config,
    live,
    within,
    save: () => writeFile(join(root, 'gonogo.yaml'), JSON.stringify(config, null, 2)),
    gonogo: (args, runOptions = {}) =>
      run(args, { cwd: root, ...runOptions, env: { ...env, ...runOptions.env } }),
    async tool(name, input, callOptions) {
      const tool = tools.find((candidate) => candidate.name === name)!
      return within(async (call) => {
        const { output } = await tool.call(input, call)
        return output as unknown as Answer
      }, callOptions)
    },
    async sign(id) {
      await within((call) => approveById(call, id, shared.key), { principal: desk })
    },
    async approved(version, callOptions) {
      const wanted = { staging_version: version }
      const { approval } = await project.tool('promote_to_production', wanted, callOptions)
      await project.sign(approval.id)
      return approval.id
    },
    async obstruct(how, version) {
      const file = join(root, `${how}-${version}`)
      await writeFile(file, '')
      return () => rm(file)
    },
    witnesses: async () => linesOf(join(root, 'witness')),
    ended: () =>
      within((call) =>
        until('every deployment to end', async () => {
          const { output } = await listDeployments.call({}, call)
          const deployments = output.deployments as Answer['deployments']
          const over = deployments.every(({ phase }) => phase === 'ended')
          return over ? deployments.map(({ status }) => status) : call.runtime.sleep(200).then(no)
        }),
      ),
    async idle() {
      await until(`the processes of ${root} to end`, async () => {
        const left = await processesOf(root)
        return left.length === 0 || delay(100).then(no)
      })
    },
    async close() {
      await endProcessesOf(root)
      await rm(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  await project.save()
  await within((call) => addApprover(call, desk.name, shared.key), { principal: desk })
  return project
}

async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.split('\n').filter(Boolean)
}
