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

const threads: Probe = {
  what: 'read issues and what is said in them',
  route: '/issues',
  permission: 'issues=read',
  tools: ['promote_to_production', 'rollback_deployment'],
  optional: false,
}

/** What the routes name; null: there is none to ask about. */
export interface Subjects {
  ref: string
  environment_name: string | null
}

export async function readingAbilities(
  client: GitHubClient,
  subjects: Subjects,
  wants: Pick<Wanted, 'issues'>,
): Promise<Ability[]> {
  const { ref, environment_name } = subjects
  const values = { ref, commit_sha: ref, environment_name }
  const known = [...probes, ...(wants.issues ? [threads] : [])].filter(
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

const locking: WriteAbility = {
  what: 'keep the lock of environments, and checkpoints of the audit log, in refs',
  tools: ['deploy_to_staging', 'promote_to_production', 'rollback_deployment'],
  permission: 'contents=write',
  optional: true,
}
const asking: WriteAbility = {
  what: 'ask for approvals in issues',
  tools: ['promote_to_production', 'rollback_deployment'],
  permission: 'issues=write',
  optional: false,
}

/** What the configuration makes use of. */
export interface Wanted {
  /** Approvals in issues. */
  issues: boolean
  /** Whether refs are written, and whether nothing goes on without. */
  refs: 'no' | 'optional' | 'required'
}

/** Only a change would show them, except where the role, the scopes or an App's permissions decide. */
export function writingAbilities(view: Answer<RepositoryView>, wants: Wanted): Ability[] {
  const wanted = [
    starting,
    recording,
    ...(wants.refs === 'no' ? [] : [{ ...locking, optional: wants.refs === 'optional' }]),
    ...(wants.issues ? [asking] : []),
  ]
  return wanted.map((ability) => ({ ...ability, ...writing(view, ability) }))
}

/** Why refs cannot be written, as far as that is known without a try; null: they may be. */
export function contentsProblem(view: Answer<RepositoryView>): string | null {
  const { can, problem } = writing(view, locking)
  return can === false ? problem : null
}

function writing({ data, token }: Answer<RepositoryView>, ability: WriteAbility): Verdict {
  if (data.archived) return { can: false, problem: 'the repository is archived' }
  if (data.permissions?.push === false)
    return { can: false, problem: 'its owner may not write to the repository' }
  if (token?.granted) return byPermission(ability.permission, token.granted)
  return byScope(ability, token?.scopes ?? null)
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
