import type { HubEnvironment } from './hub.ts'
import {
  notFound,
  ok,
  page,
  reading,
  type HubCore,
  type HubRequest,
  type Operation,
} from './operation.ts'
import { idOf, nodeId, repositoryPage, repositoryUrl, simpleUser } from './views.ts'

const below = '/repos/{owner}/{repo}'
const one = `${below}/environments/{environment_name}`

/** Environments with what protects them, and the names of what they hold. */
export function environmentOperations(core: HubCore): Operation[] {
  return [
    reading(`${below}/environments`, 'actions=read', (request) =>
      page(
        request,
        [...core.settings.environments].map(([name, settings]) =>
          environmentView(core, name, settings),
        ),
        'environments',
      ),
    ),
    reading(one, 'actions=read', (request) => {
      const [name, settings] = find(core, request)
      return ok(environmentView(core, name, settings))
    }),
    reading(`${one}/deployment-branch-policies`, 'actions=read', (request) => {
      const [name, { branches }] = find(core, request)
      const policies = Array.isArray(branches) ? branches : []
      return page(
        request,
        policies.map((branch) => ({
          id: idOf(`${name}/${branch}`),
          node_id: nodeId('BranchPolicy', branch),
          name: branch,
          type: 'branch',
        })),
        'branch_policies',
      )
    }),
    reading(`${one}/deployment_protection_rules`, 'actions=read', (request) => {
      const [name, { apps = [] }] = find(core, request)
      const rules = apps.map((app) => customRule(core, name, app))
      return ok({ total_count: rules.length, custom_deployment_protection_rules: rules })
    }),
    reading(`${one}/secrets`, 'environments=read', (request) => {
      const [, { secrets }] = find(core, request)
      return page(request, secretsView(core, secrets), 'secrets')
    }),
    reading(`${one}/variables`, 'environments=read', (request) => {
      const [, { variables }] = find(core, request)
      return page(request, variablesView(core, valuesOf(variables)), 'variables')
    }),
    reading(`${below}/actions/secrets`, 'secrets=read', (request) =>
      page(request, secretsView(core, core.settings.secrets), 'secrets'),
    ),
    reading(`${below}/actions/organization-secrets`, 'secrets=read', (request) =>
      page(request, secretsView(core, core.settings.organizationSecrets), 'secrets'),
    ),
    reading(`${below}/actions/variables`, 'variables=read', (request) =>
      page(request, variablesView(core, core.settings.variables), 'variables'),
    ),
    reading(`${below}/actions/organization-variables`, 'variables=read', (request) =>
      page(request, variablesView(core, core.settings.organizationVariables ?? {}), 'variables'),
    ),
    reading(`${below}/actions/variables/{name}`, 'variables=read', ({ params }) => {
      const name = params['name']?.toUpperCase() ?? ''
      const value = core.settings.variables[name]
      if (value === undefined) throw notFound()
      return ok({ name, value, ...times(core) })
    }),
  ]
}

/** Variables of an environment by name. */
export function valuesOf(variables: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    variables.map((variable) => {
      const [name = '', ...value] = variable.split('=')
      return [name, value.join('=')]
    }),
  )
}

function variablesView(core: HubCore, variables: Record<string, string>) {
  return Object.entries(variables).map(([name, value]) => ({ name, value, ...times(core) }))
}

/** Nobody can read more of them. */
function secretsView(core: HubCore, names: readonly string[]) {
  return names.map((name) => ({ name, ...times(core) }))
}

function customRule(core: HubCore, environment: string, slug: string) {
  const id = idOf(`${environment}/${slug}`)
  const app = { id: idOf(slug), slug, node_id: nodeId('App', slug) }
  return {
    id,
    node_id: nodeId('Gate', id),
    enabled: true,
    app: { ...app, integration_url: `${core.apiUrl}/apps/${slug}` },
  }
}

/** GitHub does not mind the case of a name. */
function find(core: HubCore, { params }: HubRequest): [string, HubEnvironment] {
  const wanted = params['environment_name']?.toLowerCase()
  const found = [...core.settings.environments].find(([name]) => name.toLowerCase() === wanted)
  if (found === undefined) throw notFound()
  return found
}

export function environmentView(core: HubCore, name: string, settings: HubEnvironment) {
  return {
    id: idOf(`environment/${name}`),
    node_id: nodeId('Environment', name),
    name,
    url: `${repositoryUrl(core)}/environments/${encodeURIComponent(name)}`,
    html_url: `${repositoryPage(core)}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
    ...times(core),
    // Not in GitHub's description, and in its answers.
    ...(settings.adminsMayBypass !== undefined && { can_admins_bypass: settings.adminsMayBypass }),
    protection_rules: protectionRules(core, name, settings),
    deployment_branch_policy:
      settings.branches === 'all'
        ? null
        : {
            protected_branches: settings.branches === 'protected',
            custom_branch_policies: Array.isArray(settings.branches),
          },
  }
}

function protectionRules(core: HubCore, name: string, settings: HubEnvironment) {
  const rule = (type: string, more: object = {}) => ({
    id: idOf(`${name}/${type}`),
    node_id: nodeId('Gate', `${name}/${type}`),
    type,
    ...more,
  })
  return [
    ...(settings.waitMinutes > 0 ? [rule('wait_timer', { wait_timer: settings.waitMinutes })] : []),
    ...(settings.reviewers.length > 0
      ? [
          rule('required_reviewers', {
            prevent_self_review: settings.preventSelfReview,
            reviewers: settings.reviewers.map((reviewer) => reviewerView(core, reviewer)),
          }),
        ]
      : []),
    ...(settings.branches === 'all' ? [] : [rule('branch_policy')]),
  ]
}

/** A login, or a team as `organisation/team`. */
export function reviewerView(core: HubCore, reviewer: string) {
  return reviewer.includes('/')
    ? { type: 'Team', reviewer: teamView(core, reviewer) }
    : { type: 'User', reviewer: simpleUser(core, reviewer) }
}

function teamView(core: HubCore, fullName: string) {
  const [organisation = '', slug = ''] = fullName.split('/')
  const url = `${core.apiUrl}/organizations/${idOf(organisation)}/team/${idOf(fullName)}`
  return {
    id: idOf(fullName),
    node_id: nodeId('Team', fullName),
    url,
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
    html_url: `${core.webUrl}/orgs/${organisation}/teams/${slug}`,
    name: slug,
    slug,
    description: null,
    permission: 'pull',
    parent: null,
    type: 'organization',
  }
}

function times(core: HubCore) {
  return { created_at: core.clock.iso(0), updated_at: core.clock.iso(0) }
}
