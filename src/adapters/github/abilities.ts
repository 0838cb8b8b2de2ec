import { Failure } from '../../core/failure.ts'
import type { Ability } from '../../ports/platform.ts'
import type { Answer, GitHubClient } from './client/github-client.ts'
import { isUnseen } from './failure-status.ts'

/** The repository, as far as it says what its token may do. */
export interface RepositoryView {
  default_branch: string
  archived?: boolean
  permissions?: { push?: boolean }
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
  {
    what: 'read the names of secrets',
    route: '/actions/secrets',
    permission: 'secrets=read',
    tools: ['validate_deployment'],
    optional: true,
  },
  {
    what: 'read the variables and the names of secrets of environments',
    route: '/environments/{environment_name}/secrets',
    permission: 'environments=read',
    tools: ['validate_deployment'],
    optional: true,
  },
  {
    what: 'read pull requests and their reviews',
    route: '/commits/{commit_sha}/pulls',
    permission: 'pull_requests=read',
    tools: ['validate_deployment', 'promote_to_production'],
    optional: true,
  },
]

/** What the routes name; null: there is none to ask about. */
export interface Subjects {
  ref: string
  environment_name: string | null
}

export async function readingAbilities(
  client: GitHubClient,
  subjects: Subjects,
): Promise<Ability[]> {
  const { ref, environment_name } = subjects
  const values = { ref, commit_sha: ref, environment_name }
  const known = probes.filter(
    ({ route }) => environment_name !== null || !route.includes('{environment_name}'),
  )
  return await Promise.all(
    known.map(async ({ route, ...ability }) => {
      const named = Object.entries(values).filter(([name]) => route.includes(`{${name}}`))
      const params = Object.fromEntries(named)
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
export function writingAbilities({ data, token }: Answer<RepositoryView>): Ability[] {
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
