import manifest from '../package.json' with { type: 'json' }
import { dirname, join } from 'node:path'
import { createAuditLog } from './adapters/audit/log.ts'
import { readBaseFile } from './adapters/git/base-file.ts'
import { createGitSource } from './adapters/git/source.ts'
import { createTestReports } from './adapters/junit/test-reports.ts'
import { createKeepers } from './adapters/keeper/keepers.ts'
import { createMigrations } from './adapters/migrations/migrations.ts'
import { createNotifier } from './adapters/notifier/notifier.ts'
import { createLocalPipeline } from './adapters/local/pipeline.ts'
import { createProbe } from './adapters/probe/probe.ts'
import { allowedEnvironment } from './adapters/process/environment.ts'
import { createProcesses } from './adapters/process/processes.ts'
import { createOperations } from './adapters/runtime/operations.ts'
import { createRegistry } from './adapters/registry/registry.ts'
import { programFiles } from './adapters/runtime/program-files.ts'
import { createRuntime } from './adapters/runtime/runtime.ts'
import { createDependencyScanner } from './adapters/scanners/npm-audit.ts'
import { createSecretScanner } from './adapters/scanners/secretlint.ts'
import { createApprovers } from './adapters/ssh/approvers.ts'
import { createBranchApprovers } from './adapters/ssh/branch-approvers.ts'
import { createSigner } from './adapters/ssh/signer.ts'
import { openStore } from './adapters/store/store.ts'
import { createTestRunner } from './adapters/tests/test-runner.ts'
import { createVariables } from './adapters/variables/variables.ts'
import type { GitHubConnection, GitHubConnectionDeps } from './adapters/github/connect.ts'
import { readBasePolicy } from './config/base-policy.ts'
import { readCallers } from './config/held-secrets.ts'
import { loadProject } from './config/load.ts'
import { policyOf } from './config/policy.ts'
import type { Project } from './core/project.ts'
import type { Context } from './ports/context.ts'
import type { Processes } from './ports/process.ts'
import type { Runtime } from './ports/runtime.ts'
import type { Source } from './ports/source.ts'
import { withAlarm } from './tools/support/audit-alarm.ts'
import type { TestReports } from './ports/test-reports.ts'

/** What a process knows before it has read any configuration. */
export interface WireOptions {
  /** `--project`; undefined: GONOGO_PROJECT or the current directory. */
  directory?: string
  cwd: string
  env: Readonly<Record<string, string | undefined>>
  readOnly: boolean
  /** Whether a person is at the terminal. */
  terminal: boolean
  /** Starts this same gonogo again: node, its flags and the main file. */
  command: readonly string[]
  /** Ends every program that runs on this process's behalf; keepers and runs are not among them. */
  shutdown: AbortSignal
}

/** The composition root: configuration in, everything outside behind its port out. */
export async function connect(options: WireOptions): Promise<Context> {
  const context = await compose(options)
  return { ...context, audit: withAlarm(context.audit, { ...context, tell: tellOnStderr }) }
}

async function compose(options: WireOptions): Promise<Context> {
  const { env, cwd, directory, readOnly } = options
  const { project, secrets } = await loadProject({ env, cwd, ...(directory && { directory }) })
  const runtime = createRuntime()
  const processes = processesUntil(options.shutdown)
  const { heldSecrets, ...callers } = await readCallers(project, secrets, env)
  const contents = sourceOf(project.repository, project.default_branch, processes, env)
  const own = { token: secrets.github_token, onToken: (token: string) => heldSecrets.push(token) }
  const reports = createTestReports()
  const parts = { ...own, project, contents, processes, runtime, reports }
  const github = await githubOf(options, { ...parts, secrets: () => heldSecrets })
  const source = github?.source ?? contents
  const base = github?.baseFile ?? baseFileOf(project, processes, env)
  const approvers = approversOf(project, github)
  const pipeline = github?.pipeline ?? localPipeline(project, processes, options)
  return {
    project,
    ...policyOf(project, runtime),
    runtime,
    store: openStore({ directory: project.state_directory, project: project.name, runtime }),
    source,
    variables: createVariables({ env }),
    approvers,
    pipeline,
    commitRecords: github?.commitRecords ?? null,
    ...checkersOf(options, { project, source, processes, runtime, reports }),
    basePolicy: () => readBasePolicy({ project, env, read: base }),
    ...(github && { baseReach: github.baseReach }),
    audit: auditLogOf(options, { project, pipeline, runtime, secrets: () => heldSecrets }),
    signer: createSigner({ processes, env, approvers, terminal: options.terminal }),
    keepers: keepersOf(project, processes, options),
    platformApprovals: github?.platformApprovals ?? null,
    notifier: createNotifier({ env, now: () => runtime.now(), secrets: () => heldSecrets }),
    operations: createOperations(runtime),
    programFiles: () => programFiles(options.command, env['PATH'] ?? ''),
    ...callers,
    readOnly,
  }
}

function tellOnStderr(line: string): void {
  process.stderr.write(`gonogo: ${line}\n`)
}

/** Who may approve: from the branch, where it is kept there. */
function approversOf(
  { approvals: { signers_file, signers_in_repository: path } }: Project,
  github: GitHubConnection | null,
) {
  if (github === null || path === null) return createApprovers({ path: signers_file })
  return createBranchApprovers({ path, read: github.signersFile })
}

function auditLogOf(
  { env }: WireOptions,
  { project, pipeline, ...parts }: AuditParts & Pick<Context, 'pipeline'>,
): Context['audit'] {
  return createAuditLog({
    ...parts,
    path: project.audit_log,
    project: project.name,
    policy: project.audit,
    platform: pipeline?.anchors,
    env,
    tell: tellOnStderr,
  })
}

interface AuditParts {
  project: Project
  runtime: Runtime
  secrets: () => readonly string[]
}

/** What the checks look with. */
function checkersOf(options: WireOptions, parts: CheckParts) {
  const { env, shutdown } = options
  const { project, source, processes, runtime } = parts
  const programs = { processes, directory: homeOf(project, options), env: allowedEnvironment(env) }
  return {
    scanners: scannersOf(project, source, processes, env),
    tests: testsOf(parts),
    migrations: createMigrations({ source, processes }),
    registry: createRegistry({ env, processes, runtime }),
    processes,
    probe: createProbe({ now: () => runtime.now(), programs, shutdown }),
  }
}

interface CheckParts {
  project: Project
  source: Source
  processes: Processes
  runtime: Runtime
  reports: TestReports
}

/** What the runner process of a local run needs: its run directory says the rest. */
export async function runLocalRun(
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const { readLocalRequest, runLocal } = await import('./adapters/local/runner.ts')
  const { repository } = await readLocalRequest(directory)
  const runtime = createRuntime()
  const processes = createProcesses()
  await runLocal(directory, {
    runtime,
    processes,
    source: sourceOf(repository, null, processes, env),
    variables: createVariables({ env }),
    baseEnvironment: allowedEnvironment(env),
  })
}

/** What signs and verifies where there is no project. */
export function signingWith(
  signersFile: string,
  { env, terminal, shutdown }: Pick<WireOptions, 'env' | 'terminal' | 'shutdown'>,
) {
  const approvers = createApprovers({ path: signersFile })
  const processes = processesUntil(shutdown)
  const signer = createSigner({ processes, env, approvers, terminal })
  return { runtime: createRuntime(), approvers, signer }
}

function sourceOf(
  repository: string,
  defaultBranch: string | null,
  processes: Processes,
  env: WireOptions['env'],
): Source {
  return createGitSource({ repository, defaultBranch, processes, env: allowedEnvironment(env) })
}

/** The directory of the configuration, or the one that was asked for. */
function homeOf({ config_file }: Project, { directory, cwd }: WireOptions): string {
  return config_file === null ? (directory ?? cwd) : dirname(config_file)
}

/** The files of the branch that releases come from, as origin has it. */
function baseFileOf(
  { repository, default_branch }: Project,
  processes: Processes,
  env: WireOptions['env'],
) {
  const parts = { repository, defaultBranch: default_branch, env: allowedEnvironment(env) }
  return (paths: readonly string[]) => readBaseFile({ ...parts, processes }, paths)
}

/** For commands that look at a repository without a project. */
export function repositoryAt(directory: string, env: WireOptions['env'], shutdown: AbortSignal) {
  const processes = processesUntil(shutdown)
  const source = sourceOf(directory, null, processes, env)
  return { source, migrations: createMigrations({ source, processes }) }
}

/** Loaded only where a project deploys through it. */
async function githubOf(
  { env, shutdown }: WireOptions,
  parts: Pick<
    GitHubConnectionDeps,
    'project' | 'token' | 'onToken' | 'secrets' | 'contents' | 'processes' | 'runtime' | 'reports'
  >,
): Promise<GitHubConnection | null> {
  const { github: settings } = parts.project
  if (settings === null) return null
  const { connectGitHub } = await import('./adapters/github/connect.ts')
  const commandEnv = allowedEnvironment(env, { requests: true, tokens: true })
  return connectGitHub({ ...parts, settings, env, commandEnv, shutdown, version: manifest.version })
}

function testsOf({ project: { state_directory }, ...parts }: CheckParts) {
  return createTestRunner({ directory: join(state_directory, 'tests'), ...parts })
}

function localPipeline(project: Project, processes: Processes, options: WireOptions) {
  if (project.pipeline !== 'local') return null
  return createLocalPipeline({
    runtime: createRuntime(),
    processes,
    stateDirectory: project.state_directory,
    repository: project.repository,
    runnerCommand: [...options.command, 'run-local'],
    baseEnvironment: allowedEnvironment(options.env),
    ownEnvironment: options.env,
  })
}

function scannersOf(
  project: Project,
  source: Source,
  processes: Processes,
  env: WireOptions['env'],
): Context['scanners'] {
  const runtime = createRuntime()
  const registry = project.security.npm_registry
  const npmEnvironment = allowedEnvironment(env, { requests: true })
  const npm = { source, processes, runtime, registry, env: npmEnvironment }
  return [createDependencyScanner(npm), createSecretScanner({ source, runtime })]
}

function keepersOf(project: Project, processes: Processes, options: WireOptions) {
  return createKeepers({
    processes,
    command: options.command,
    directory: homeOf(project, options),
    logDirectory: join(project.state_directory, 'keepers'),
    env: options.env,
  })
}

/** Programs that work for a call end when this process does; detached ones are meant to stay. */
export function processesUntil(shutdown: AbortSignal): Processes {
  const processes = createProcesses()
  return {
    ...processes,
    run(argv, options = {}) {
      const signals = options.signal ? [options.signal, shutdown] : [shutdown]
      return processes.run(argv, { ...options, signal: AbortSignal.any(signals) })
    },
  }
}
