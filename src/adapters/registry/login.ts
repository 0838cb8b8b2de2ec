import { Failure } from '../../core/failure.ts'
import type { Processes } from '../../ports/process.ts'
import { dockerLogin } from './docker-login.ts'
import type { Place } from './place.ts'

/** Who gonogo is for one registry. The secret leaves only in requests to it and its token service. */
export interface Login {
  user: string
  secret: string
  /** `identity`: a token that stands for the user and is only good for getting others. */
  kind: 'password' | 'identity'
  /** Where it comes from, in words that may be shown. */
  source: string
}

/** A login, or why there is none. */
export type Found = { login: Login } | { login: null; why: string }

export interface LoginDeps {
  env: Readonly<Record<string, string | undefined>>
  processes: Pick<Processes, 'run'>
  signal: AbortSignal | undefined
}

/**
 * The login for this registry and no other. What the environment names comes first, then what
 * `docker login` left behind. GITHUB_TOKEN is none of them: it is for GitHub's API.
 */
export async function findLogin(place: Place, deps: LoginDeps): Promise<Found> {
  const login = environmentLogin(place, deps.env)
  return login ? { login } : dockerLogin(place, deps)
}

function environmentLogin({ logins }: Place, env: LoginDeps['env']): Login | null {
  const host = env.GONOGO_REGISTRY_HOST?.trim().toLowerCase() ?? ''
  const user = env.GONOGO_REGISTRY_USER?.trim() ?? ''
  const secret = env.GONOGO_REGISTRY_PASSWORD?.trim() ?? ''
  if (host === '' && user === '' && secret === '') return null
  const missing = Object.entries({ HOST: host, USER: user, PASSWORD: secret })
    .filter(([, value]) => value === '')
    .map(([name]) => `GONOGO_REGISTRY_${name}`)
  if (missing.length > 0) throw incomplete(missing)
  if (!logins.includes(host)) return null
  return { user, secret, kind: 'password', source: 'GONOGO_REGISTRY_USER' }
}

function incomplete(missing: readonly string[]): Failure {
  return new Failure({
    code: 'invalid_configuration',
    message: `${missing.join(' and ')} is not set: a password goes to the registry it is for, and to no other`,
    hint: 'set GONOGO_REGISTRY_HOST, GONOGO_REGISTRY_USER and GONOGO_REGISTRY_PASSWORD together, or none of them',
  })
}
