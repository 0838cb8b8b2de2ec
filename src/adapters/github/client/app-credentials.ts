import { open } from 'node:fs/promises'
import type { createAppAuth } from '@octokit/auth-app'
import { Octokit } from '@octokit/core'
import { Failure } from '../../../core/failure.ts'
import type { GitHubSettings } from '../../../core/project.ts'
import { oneLine } from '../../../core/text.ts'
import type { Credentials, CredentialsDeps } from './credentials.ts'

// GitHub's tokens for an App last an hour.
const renewBeforeMs = 5 * 60_000

/** Acts as an installation of a GitHub App. The library is loaded by the first request. */
export function appCredentials(
  app: NonNullable<GitHubSettings['app']>,
  { runtime, apiUrl, fetch: send }: Pick<CredentialsDeps, 'runtime' | 'apiUrl' | 'fetch'>,
): Credentials {
  let auth: Promise<AppAuth> | undefined
  let granted: Record<string, string> | null = null
  let held: Promise<{ token: string; expires: number }> | undefined
  const authOf = () => (auth ??= loadApp(app, apiUrl, send))
  const fetchToken = async () => {
    const ask = await authOf()
    const { token, expiresAt, permissions } = await ask({
      type: 'installation',
      refresh: true,
    }).catch((error: unknown) => {
      throw appFailure(app, error)
    })
    granted = { ...permissions }
    return { token, expires: Date.parse(expiresAt) || runtime.now() + 30 * 60_000 }
  }
  const current = async () => {
    const known = await held?.catch(() => undefined)
    if (!known || known.expires - renewBeforeMs <= runtime.now()) held = fetchToken()
    return (await held!).token
  }
  return {
    source: `the GitHub App ${oneLine(app.id, 60)} (github.app)`,
    kind: 'app',
    token: current,
    identity: async () => runtime.sha256(`app ${app.id} ${app.installation_id}`),
    async renew(refused) {
      if ((await current()) === refused) held = fetchToken()
      return (await current()) !== refused
    },
    granted: () => granted,
    async login({ owner, name }) {
      const { token: own } = await (await authOf())({ type: 'app' })
      return await appLogin(own, `${apiUrl}/repos/${owner}/${name}/installation`, send)
    },
  }
}

type AppAuth = ReturnType<typeof createAppAuth>

async function loadApp(
  app: NonNullable<GitHubSettings['app']>,
  baseUrl: string,
  send: typeof fetch,
): Promise<AppAuth> {
  const privateKey = await readKey(app.private_key_file)
  const { createAppAuth: create } = await import('@octokit/auth-app')
  const { request } = new Octokit({ baseUrl, request: { fetch: send } })
  const appId = /^\d+$/.test(app.id) ? Number(app.id) : app.id
  return create({ appId, privateKey, installationId: app.installation_id, request })
}

/** The library throws what the request did, or an error about the key. */
function appFailure(
  { id, installation_id }: NonNullable<GitHubSettings['app']>,
  error: unknown,
): Failure {
  const { status, response, cause } = error as {
    status?: number
    response?: unknown
    cause?: unknown
  }
  const answered = response !== undefined
  if (cause instanceof Failure) return cause
  const isOutage = status !== undefined && (!answered || status >= 500)
  const said = answered ? `GitHub answered ${status}` : 'no answer, or the key cannot be used'
  return new Failure({
    code: isOutage ? 'pipeline_unavailable' : 'not_permitted',
    message: `no token for installation ${oneLine(installation_id, 30)} of the GitHub App ${oneLine(id, 60)}: ${said}`,
    hint: 'compare github.app.id, installation_id and private_key_file with the page of the App',
    retryable: isOutage,
    details: { status: answered ? status : null, outcome: 'refused' },
    cause: error,
  })
}

/** Whoever can read the key can act as the App. */
async function readKey(path: string): Promise<string> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw keyFailure(path, `cannot be read (${error.code})`, `ls -l ${path}`)
  })
  try {
    const { mode } = await file.stat()
    if ((mode & 0o077) !== 0) {
      const who = `can be read by others (mode ${(mode & 0o777).toString(8)})`
      throw keyFailure(path, who, `chmod 600 ${path}`)
    }
    const text = await file.readFile('utf8')
    if (text.includes('PRIVATE KEY-----')) return text
    throw keyFailure(path, 'is no private key in PEM', 'download a new one on the page of the App')
  } finally {
    await file.close()
  }
}

function keyFailure(path: string, problem: string, hint: string): Failure {
  return new Failure({
    code: 'not_permitted',
    message: `github.app.private_key_file ${path} ${problem}`,
    hint,
  })
}

/** A run that an App started names it as `NAME[bot]`. */
async function appLogin(token: string, url: string, send: typeof fetch): Promise<string | null> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json' }
  const response = await send(url, { headers }).catch(() => null)
  if (!response?.ok) return null
  const { app_slug } = (await response.json()) as { app_slug?: unknown }
  return typeof app_slug === 'string' ? `${app_slug}[bot]` : null
}
