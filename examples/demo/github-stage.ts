import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { ClinicProject } from '../../src/setup/sample/project.ts'
import type { ExecuteOptions, Hub, Scenario } from '../../test/hub/hub.ts'
import { startHub } from '../../test/hub/start.ts'
import {
  clinicConfiguration,
  environmentOf,
  inCompatibilityMode,
  type EnvironmentName,
} from './clinic-on-github.ts'
import { hireLogin } from './login.ts'
import type { Keyboard, Person } from './person.ts'

const run = promisify(execFile)

/** GitHub, as far as the demo needs it: a stand-in on this machine that carries out the workflow. */
export interface GitHubStage {
  /** The clone that gonogo works in, with the project's configuration. */
  directory: string
  /** What gonogo is given to reach it. */
  variables: Record<string, string>
  hire(gonogo: Keyboard): Person
  /** A release that takes the bad one back. */
  fix(): Promise<void>
  /** The team turns to static tokens: a change of the policy and of the workflow, by review as any other. */
  turnToTokens(): Promise<void>
  close(): Promise<void>
}

/** Who approves: another login than the one gonogo acts as. */
const approver = 'dana'

/**
 * Pushes the clinic, with the reference workflow and its configuration, to a stand-in for GitHub, whose
 * settings are those that level L2 wants.
 */
export async function moveToGitHub(project: ClinicProject): Promise<GitHubStage> {
  const { repository: clone } = project
  const bare = join(project.directory, 'github.git')
  await git(project.directory, 'clone', '--quiet', '--bare', clone, bare)
  const hub = await startHub({ git: bare, repository: 'acme/clinic', scenario: carryOut(project) })
  setUp(hub)
  const configuration = await clinicConfiguration(project, hub, approver)
  await rm(join(project.directory, 'gonogo.yaml'))
  const merge = (...made: string[]) => mergeInto(hub, clone, bare, made)
  await adopt(clone, configuration)
  await commit(clone, 'Adopt gonogo and the reference workflow')
  await merge()
  return {
    directory: clone,
    variables: { GITHUB_TOKEN: hub.token },
    hire: (gonogo) => hireLogin(hub, approver, gonogo),
    async fix() {
      await git(clone, ...author, 'revert', '--no-edit', 'v1.2.0')
      await git(clone, ...author, 'tag', '--annotate', '--message=v1.2.1', 'v1.2.1')
      await merge('v1.2.1')
    },
    async turnToTokens() {
      await writeFile(join(clone, 'gonogo.yaml'), inCompatibilityMode(configuration))
      await edit(join(clone, workflow), 'OPEN: staging\n', 'OPEN: staging production\n')
      await commit(clone, 'Approve with static tokens')
      await merge()
    },
    close: () => hub.close(),
  }
}

/** What an administrator does once, and gonogo's token cannot change: see docs/github.md. */
function setUp({ settings }: Hub): void {
  settings.rulesets = [{ branch: 'main', approvals: 1, bypass: 'never' }]
  Object.assign(settings.variables, { GONOGO_APPROVER_LOGINS: approver, GONOGO_PROJECT: 'clinic' })
  for (const name of ['staging', 'production'] as const) {
    settings.environments.set(name, {
      reviewers: [],
      preventSelfReview: false,
      waitMinutes: 0,
      branches: ['main'],
      variables: ['APP_URL'],
      secrets: ['DATABASE_URL', 'DEPLOY_TOKEN'],
    })
  }
}

const workflow = join('.github', 'workflows', 'cd.yml')

/** What is dispatched is the workflow of the default branch, and what holds is its configuration. */
async function adopt(clone: string, configuration: string): Promise<void> {
  await mkdir(dirname(join(clone, workflow)), { recursive: true })
  await cp(join(import.meta.dirname, '..', 'workflows', 'cd.yml'), join(clone, workflow))
  await writeFile(join(clone, 'gonogo.yaml'), configuration)
}

const author = ['-c', 'user.name=Clinic Developer', '-c', 'user.email=developer@clinic.example']

async function commit(clone: string, message: string): Promise<void> {
  await git(clone, 'add', '--all')
  await git(clone, ...author, 'commit', '--quiet', '-m', message)
}

/** The newest commit comes onto the branch as the ruleset wants it: after somebody else's review. */
async function mergeInto(hub: Hub, clone: string, bare: string, tags: string[]): Promise<void> {
  const { pulls } = hub.settings
  pulls.push({
    number: 101 + pulls.length,
    author: 'developer',
    commits: [await git(clone, 'rev-parse', 'HEAD')],
    reviews: [{ login: approver, state: 'APPROVED' }],
  })
  await git(clone, 'push', '--quiet', bare, 'main', ...tags)
}

async function edit(file: string, before: string, after: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  if (!text.includes(before)) throw new Error(`${file} has no ${before.trim()}`)
  await writeFile(file, text.replace(before, after))
}

/** Every step is really run, but for those that the workflow marks as the repository's own. */
function carryOut(project: ClinicProject): Scenario {
  return async (job) => {
    if (job.id === 'approval') return await job.execute()
    if (job.id !== 'deploy') return { conclusion: 'success', durationMs: 0 }
    const target = job.environment as EnvironmentName
    return await job.execute(ownSteps(project, target))
  }
}

/** The steps marked YOURS, as the clinic does them. */
function ownSteps(project: ClinicProject, target: EnvironmentName): ExecuteOptions {
  type Variables = Record<string, string>
  return {
    replace: {
      Migrate: (env: Variables) => script(project, target, env, ['ops/migrate.js']),
      async Deploy(env: Variables) {
        await cp(workspaceOf(env), releaseOf(project, target, env), { recursive: true })
        return await script(project, target, env, ['ops/service.js', 'restart'])
      },
      'Check that it is live': async ({ COMMIT = '' }: Variables) => {
        const answer = await fetch(`${project.urls[target]}/version`)
        const log = await answer.text()
        return { exitCode: answer.ok && log.includes(COMMIT) ? 0 : 1, log }
      },
    },
  }
}

function workspaceOf(env: Record<string, string>): string {
  return env['GITHUB_WORKSPACE'] ?? ''
}

function releaseOf(
  project: ClinicProject,
  target: EnvironmentName,
  { COMMIT = '', GITHUB_RUN_ID = '' }: Record<string, string>,
): string {
  return join(project.directory, target, 'releases', `${COMMIT.slice(0, 12)}-${GITHUB_RUN_ID}`)
}

/** Migrations run where the commit was checked out; the service runs from a place that stays. */
async function script(
  project: ClinicProject,
  target: EnvironmentName,
  env: Record<string, string>,
  argv: string[],
): Promise<{ exitCode: number; log: string }> {
  const isMigration = argv[0] === 'ops/migrate.js'
  const cwd = isMigration ? workspaceOf(env) : releaseOf(project, target, env)
  const variables = await environmentOf(project, target, env['COMMIT'] ?? '', env['VERSION'] ?? '')
  try {
    const { stdout, stderr } = await run(process.execPath, argv, { cwd, env: variables })
    return { exitCode: 0, log: stdout + stderr }
  } catch (error) {
    const {
      stdout = '',
      stderr = '',
      code,
    } = error as Error & { stdout?: string; stderr?: string; code?: number }
    return { exitCode: typeof code === 'number' ? code : 1, log: stdout + stderr }
  }
}

async function git(cwd: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null' }
  return (await run('git', args, { cwd, env })).stdout.trim()
}
