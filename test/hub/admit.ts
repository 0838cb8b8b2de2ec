import { HubError, type Caller } from './operation.ts'
import type { Route } from './routes.ts'
import { holderOf, type Exchange, type ServerParts } from './exchange.ts'

const docs = 'https://docs.github.com/rest'

/** What GitHub looks at before an operation: version, token, limit, permission. Throws what it answers. */
export function admit(parts: ServerParts, one: Exchange, route: Route | null): void {
  checkVersion(parts, one)
  if (one.token !== null && one.caller === null) throw new HubError(401, 'Bad credentials')
  checkLimit(parts, one)
  if (route === null) return refuseUnknown(parts, one)
  if (!isOfThisRepository(parts, route)) throw new HubError(404, 'Not Found')
  // The repository is private: whoever has no token does not even learn that it exists.
  if (one.caller === null) throw new HubError(404, 'Not Found')
  checkKind(one.caller, route)
  checkPermission(parts, one.caller, route)
}

/** An App itself may only ask for what makes it an installation. */
function checkKind(caller: Caller, { operation }: Route): void {
  const wanted = operation.auth === 'app'
  if (wanted === (caller.kind === 'app')) return
  const message = wanted ? 'A JSON web token could not be decoded' : 'Bad credentials'
  throw new HubError(401, message)
}

function checkVersion({ core }: ServerParts, { headers }: Exchange): void {
  const version = headers['x-github-api-version']
  const known = core.host === 'ghes' ? ['2022-11-28'] : ['2022-11-28', '2026-03-10']
  if (version === undefined || known.includes(version)) return
  throw new HubError(
    400,
    `Invalid API version: ${version} is not a supported version. Supported versions are: ${known.join(', ')}.`,
    { documentation_url: `${docs}/overview/api-versions` },
  )
}

function checkLimit({ core, limits }: ServerParts, one: Exchange): void {
  if (core.host === 'ghes' || one.path === '/rate_limit') return
  const login = holderOf(one)
  if (limits.state(login, core.clock.now()).remaining > 0) return
  one.limited = true
  throw new HubError(403, `API rate limit exceeded for user ID ${login}.`, {
    documentation_url: `${docs}/overview/rate-limits-for-the-rest-api`,
  })
}

function refuseUnknown(parts: ServerParts, one: Exchange): never {
  parts.violations.push(`${one.method} ${one.target} is nothing the stand-in knows`)
  throw new HubError(404, 'Not Found')
}

function isOfThisRepository({ core }: ServerParts, { params }: Route): boolean {
  const { owner, repo } = params
  if (owner === undefined || repo === undefined) return true
  // GitHub does not mind the case of names.
  return `${owner}/${repo}`.toLowerCase() === `${core.owner}/${core.name}`.toLowerCase()
}

function checkPermission({ settings }: ServerParts, caller: Caller, { operation }: Route): void {
  const wanted = operation.permission
  if (wanted === undefined) return
  const lacking =
    (caller.machine === true && lacks(settings.missingPermissions, wanted)) ||
    (caller.permissions === 'read' && wanted.endsWith('=write'))
  if (!lacking) return
  const kind = caller.kind === 'bot' ? 'integration' : 'personal access token'
  throw new HubError(403, `Resource not accessible by ${kind}`)
}

/** Whoever may not read may not write either. */
function lacks(missing: ReadonlySet<string>, wanted: string): boolean {
  return missing.has(wanted) || missing.has(wanted.replace(/=\w+$/, '=read'))
}
