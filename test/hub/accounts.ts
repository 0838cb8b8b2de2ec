import type { Limits } from './limits.ts'
import { HubError, notFound, ok, page, type HubCore, type Operation } from './operation.ts'
import type { Tokens } from './tokens.ts'
import { idOf, nodeId, simpleUser } from './views.ts'

const below = '/repos/{owner}/{repo}'

/** Who asks, what they have left, an App's tokens, and what scans found. */
export function accountOperations(core: HubCore, tokens: Tokens, limits: Limits): Operation[] {
  return [
    {
      method: 'GET',
      path: '/user',
      handle({ caller }) {
        if (caller.kind === 'bot') throw new HubError(403, 'Resource not accessible by integration')
        return ok(userView(core, caller.login))
      },
    },
    {
      method: 'GET',
      path: '/rate_limit',
      handle({ caller, apiVersion }) {
        if (core.host === 'ghes') throw new HubError(404, 'Rate limiting is not enabled.')
        const mine = limits.state(caller.login, core.clock.now())
        const rate = apiVersion === '2022-11-28' ? { rate: mine } : {}
        return ok({ resources: { core: mine, search: { ...mine, limit: 30 } }, ...rate })
      },
    },
    ...appOperations(core, tokens),
    ...scanOperations(core),
    ...['/orgs/{org}', '/users/{username}'].map((owner): Operation => ({
      method: 'GET',
      path: `${owner}/packages/{package_type}/{package_name}/versions`,
      permission: 'packages=read',
      handle(request) {
        const versions = core.settings.packages.get(request.params['package_name'] ?? '')
        if (versions === undefined) throw new HubError(404, 'Package not found.')
        return page(request, versions)
      },
    })),
  ]
}

function userView(core: HubCore, login: string) {
  return {
    ...simpleUser(core, login),
    name: null,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: core.clock.iso(0),
    updated_at: core.clock.iso(0),
  }
}

/** What the installed App may do. */
const permissions = {
  actions: 'write',
  checks: 'read',
  contents: 'read',
  deployments: 'write',
  environments: 'read',
  metadata: 'read',
  statuses: 'read',
}

function appOperations(core: HubCore, tokens: Tokens): Operation[] {
  return [
    {
      method: 'POST',
      path: '/app/installations/{installation_id}/access_tokens',
      auth: 'app',
      handle({ params, caller }) {
        const { app } = core.settings
        if (app === null || params['installation_id'] !== app.installationId) throw notFound()
        const expiresAt = core.clock.now() + 3_600_000
        const bot = { ...caller, kind: 'bot' as const, machine: true }
        // Long, stateless and without a fixed length, as they are since 2026.
        const prefix = `ghs_${app.id}_`
        const token = tokens.issue(bot, { prefix, expiresAt })
        return {
          status: 201,
          body: {
            token,
            expires_at: core.clock.iso(expiresAt),
            permissions,
            repository_selection: 'selected',
          },
        }
      },
    },
    {
      method: 'GET',
      path: `${below}/installation`,
      auth: 'app',
      handle() {
        if (core.settings.app === null) throw notFound()
        return ok(installationView(core, core.settings.app))
      },
    },
  ]
}

function installationView(
  core: HubCore,
  app: { id: string; installationId: string; login: string },
) {
  const url = `${core.apiUrl}/app/installations/${app.installationId}`
  return {
    id: Number(app.installationId),
    account: simpleUser(core, core.owner),
    repository_selection: 'selected',
    access_tokens_url: `${url}/access_tokens`,
    repositories_url: `${core.apiUrl}/installation/repositories`,
    html_url: `${core.webUrl}/settings/installations/${app.installationId}`,
    app_id: Number(app.id),
    app_slug: app.login.replace('[bot]', ''),
    target_id: idOf(core.owner),
    target_type: 'Organization',
    permissions,
    events: [],
    created_at: core.clock.iso(0),
    updated_at: core.clock.iso(0),
    single_file_name: null,
    suspended_by: null,
    suspended_at: null,
    node_id: nodeId('Installation', app.installationId),
    client_id: `Iv1.${app.id}`,
  }
}

/** What GitHub says where a scan is switched off: each says it in its own way. */
const disabled = {
  'code-scanning': [
    403,
    'Code scanning is not enabled for this repository.',
    'security_events=read',
  ],
  dependabot: [
    403,
    'Dependabot alerts are disabled for this repository.',
    'vulnerability_alerts=read',
  ],
  'secret-scanning': [
    404,
    'Secret scanning is disabled on this repository.',
    'secret_scanning_alerts=read',
  ],
} as const

function scanOperations(core: HubCore): Operation[] {
  return (['code-scanning', 'dependabot', 'secret-scanning'] as const).map((scan) => {
    const [status, message, permission] = disabled[scan]
    return {
      method: 'GET',
      path: `${below}/${scan}/alerts`,
      permission,
      handle(request) {
        const alerts = core.settings.alerts[scan]
        if (alerts === null) throw new HubError(status, message)
        return page(request, alerts)
      },
    }
  })
}
