import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { ClinicProject } from '../../src/setup/sample/project.ts'
import type { ExecuteOptions, Hub, Scenario } from '../../test/hub/hub.ts'
import { startHub } from '../../test/hub/start.ts'
import { clinicConfiguration, environmentOf, type EnvironmentName } from './clinic-on-github.ts'

const run = promisify(execFile)

/** GitHub, as far as the demo needs it: a stand-in on this machine that carries out the workflow. */
export interface GitHubStage {
  /** Called once there are approvers. */
  approversReady(): Promise<void>
  /** What gonogo is given to reach it. */
  variables: Record<string, string>
  close(): Promise<void>
}

/**
 * Pushes the clinic with the reference workflow to a stand-in for GitHub and turns the project's
 * configuration from the local pipeline to it.
 */
export async function moveToGitHub(project: ClinicProject): Promise<GitHubStage> {
  await adoptWorkflow(project)
  const bare = join(project.directory, 'github.git')
  await git(project.directory, 'clone', '--quiet', '--bare', project.repository, bare)
  const hub = await startHub({ git: bare, repository: 'acme/clinic', scenario: carryOut(project) })
  for (const name of ['staging', 'production'] as const) {
    hub.settings.environments.set(name, {
      reviewers: [],
      preventSelfReview: false,
      waitMinutes: 0,
      branches: ['main'],
      variables: ['APP_URL'],
      secrets: ['DATABASE_URL', 'DEPLOY_TOKEN'],
    })
  }
  await writeFile(join(project.directory, 'gonogo.yaml'), await clinicConfiguration(project, hub))
  return {
    approversReady: () => publishApprovers(hub, project),
    variables: { GITHUB_TOKEN: hub.token },
    close: () => hub.close(),
  }
}

/** What an administrator does once: who may approve is a variable that gonogo's token cannot change. */
async function publishApprovers(hub: Hub, project: ClinicProject): Promise<void> {
  const file = join(project.stateDirectory, 'approvers')
  hub.settings.variables['GONOGO_ALLOWED_SIGNERS'] = await readFile(file, 'utf8')
  hub.settings.variables['GONOGO_PROJECT'] = 'clinic'
}

/** A commit on top of the releases: what is dispatched is the workflow of the default branch. */
async function adoptWorkflow({ repository }: ClinicProject): Promise<void> {
  const file = join(repository, '.github', 'workflows', 'cd.yml')
  await mkdir(dirname(file), { recursive: true })
  await cp(join(import.meta.dirname, '..', 'workflows', 'cd.yml'), file)
  await git(repository, 'add', '--all')
  const author = ['-c', 'user.name=Clinic Developer', '-c', 'user.email=developer@clinic.example']
  await git(repository, ...author, 'commit', '--quiet', '-m', 'Adopt the reference workflow')
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

async function git(cwd: string, ...args: string[]): Promise<void> {
  await run('git', args, { cwd, env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null' } })
}
