import { Failure } from '../../core/failure.ts'
import type { Environment, GitHubSettings } from '../../core/project.ts'
import type { Ability, PlatformFacts, WorkflowFact } from '../../ports/platform.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { Answer, GitHubClient } from './client/github-client.ts'
import { readEnvironments } from './deployments/environments.ts'
import { isUnseen } from './failure-status.ts'
import { readRepository } from './repository-view.ts'

export interface PlatformDeps {
  client: GitHubClient
  settings: Pick<GitHubSettings, 'workflow'>
  environments: readonly Environment[]
  runtime: Pick<Runtime, 'now'>
}

interface RepositoryView {
  default_branch: string
  archived?: boolean
  permissions?: { push?: boolean }
}

/** Looks at what GitHub lets us see. Fails when not even the repository can be seen. */
export async function platformFacts(deps: PlatformDeps): Promise<PlatformFacts> {
  const { client, runtime } = deps
  const { owner, name } = await client.repository()
  const repository = await readRepository<RepositoryView>(client)
  const seenAt = runtime.now()
  const [login, reading, limit, workflows, environments] = await Promise.all([
    client.login(),
    readingAbilities(client, repository.data.default_branch),
    limitOf(client),
    Promise.all(workflowFiles(deps).map((file) => workflowFact(client, file))),
    readEnvironments(client),
  ])
  return {
    name: `${owner}/${name} on ${client.webUrl}`,
    identity: {
      login,
      source: repository.token?.source ?? 'unknown credentials',
      expires_at: repository.token?.expires_at ?? null,
    },
    abilities: [...reading, ...writingAbilities(repository)],
    limit,
    clock_ahead_ms: repository.date === null ? null : repository.date - seenAt,
    workflows,
    environments,
  }
}

/** A way to find out by reading. `{ref}` is the default branch. */
type Probe = Omit<Ability, 'can' | 'problem'> & { route: string }

const probes: readonly Probe[] = [
  {
    what: 'read the workflow and the commits',
    route: '/commits/{ref}',
    permission: 'contents=read',
    tools: ['validate_deployment', 'deploy_to_staging', 'promote_to_production'],
    optional: false,
  },
  {
    what: 'read runs, their jobs and logs',
    route: '/actions/runs',
    permission: 'actions=read',
    tools: ['get_deployment_status', 'list_deployments', 'rollback_deployment'],
    optional: false,
  },
  {
    what: "read GitHub's deployments",
    route: '/deployments',
    permission: 'deployments=read',
    tools: ['list_deployments', 'get_deployment_status', 'promote_to_production'],
    optional: false,
  },
  {
    what: 'read check runs',
    route: '/commits/{ref}/check-runs',
    permission: 'checks=read',
    tools: ['validate_deployment'],
    optional: true,
  },
  {
    what: 'read commit statuses',
    route: '/commits/{ref}/status',
    permission: 'statuses=read',
    tools: ['validate_deployment'],
    optional: true,
  },
  {
    what: 'read the environments and who must review',
    route: '/environments',
    permission: 'actions=read',
    tools: ['validate_deployment'],
    optional: true,
  },
  {
    what: 'read variables that conditions of the workflow use',
    route: '/actions/variables',
    permission: 'variables=read',
    tools: ['validate_deployment'],
    optional: true,
  },
]

async function readingAbilities(client: GitHubClient, ref: string): Promise<Ability[]> {
  return await Promise.all(
    probes.map(async ({ route, ...ability }) => {
      const params = route.includes('{ref}') ? { ref } : {}
      try {
        await client.get(route, { ...params, per_page: 1 })
        return { ...ability, can: true, problem: null }
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        return { ...ability, can: isUnseen(error) ? false : null, problem: error.message }
      }
    }),
  )
}

type WriteAbility = Pick<Ability, 'what' | 'tools' | 'permission' | 'optional'>

const starting: WriteAbility = {
  what: 'start and cancel runs',
  tools: ['deploy_to_staging', 'promote_to_production', 'rollback_deployment'],
  permission: 'actions=write',
  optional: false,
}
const recording: WriteAbility = {
  what: 'record deployments of workflows that name no environment',
  tools: ['deploy_to_staging', 'promote_to_production', 'rollback_deployment'],
  permission: 'deployments=write',
  optional: true,
}

/** Only a change would show them, except where the role, the scopes or an App's permissions decide. */
function writingAbilities({ data, token }: Answer<RepositoryView>): Ability[] {
  return [starting, recording].map((ability) => {
    const denied = (problem: string) => ({ ...ability, can: false, problem })
    if (data.archived) return denied('the repository is archived')
    if (data.permissions?.push === false) return denied('its owner may not write to the repository')
    if (token?.granted) return { ...ability, ...byPermission(ability.permission, token.granted) }
    return { ...ability, ...byScope(ability, token?.scopes ?? null) }
  })
}

type Verdict = Pick<Ability, 'can' | 'problem'>

function byPermission(permission: string, granted: Record<string, string>): Verdict {
  const [name = '', level] = permission.split('=')
  if (granted[name] === level) return { can: true, problem: null }
  return { can: false, problem: `the App has ${name}=${granted[name] ?? 'none'}` }
}

function byScope(ability: WriteAbility, scopes: readonly string[] | null): Verdict {
  if (scopes === null) {
    const problem = 'only doing it would show: GitHub does not tell what this token may change'
    return { can: null, problem }
  }
  if (scopes.includes('repo')) return { can: true, problem: null }
  const problem = `its scopes are ${scopes.join(', ') || 'none'}, and repo is missing`
  // Enough for some repositories.
  const scope = ability === recording ? 'repo_deployment' : 'public_repo'
  return { can: scopes.includes(scope) ? null : false, problem }
}

interface RateLimit {
  resources: { core: { limit: number; remaining: number; reset: number } }
}

/** Asking costs nothing. Where no limit is enforced there is nothing to ask. */
async function limitOf(client: GitHubClient): Promise<PlatformFacts['limit']> {
  const answer = await client.find<RateLimit>('GET /rate_limit')
  if (answer === null) return null
  const { limit, remaining, reset } = answer.data.resources.core
  return { left: remaining, of: limit, resets_at: reset * 1000 }
}

function workflowFiles({ settings, environments }: PlatformDeps): string[] {
  const files = environments.map(({ github }) => github.workflow ?? settings.workflow)
  return [...new Set(files)]
}

/** GitHub knows a workflow once its file is on the default branch: only then it can be started. */
async function workflowFact(client: GitHubClient, file: string): Promise<WorkflowFact> {
  try {
    const route = '/actions/workflows/{file}'
    const answer = await client.find<{ state?: string }>(route, { file })
    const state = answer?.data.state
    if (state === undefined) return { file, state: 'missing', problem: null }
    if (state === 'active') return { file, state: 'ready', problem: null }
    return { file, state: 'disabled', problem: state }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { file, state: 'unknown', problem: error.message }
  }
}
