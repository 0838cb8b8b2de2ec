import { fillText } from '../template.ts'
import type { StepRun } from '../step-outcome.ts'

/** How a connection is secured: not at all, without a look at the certificate, or with one. */
export type Security = 'plain' | 'unverified' | 'any_name' | 'verified'

/** A service as its URL names it. */
export interface ServiceUrl {
  host: string
  port: number
  user: string
  password: string
  /** What follows the host, without the slash. */
  path: string
  /** Without the colon. */
  scheme: string
  options: URLSearchParams
}

/**
 * Reads the URL that a reference stands for. What is wrong is said without the URL: it holds a
 * password, which is masked from here on.
 */
export function readServiceUrl(
  reference: string,
  run: StepRun,
  { schemes, port, example }: { schemes: RegExp; port: number; example: string },
): ServiceUrl | { problem: string } {
  const url = URL.parse(fillText(reference, run.values))
  const scheme = url?.protocol.replace(/:$/, '') ?? ''
  const unusable = { problem: `the URL in ${name(reference)} is not usable: expected ${example}` }
  if (!url || !schemes.test(scheme) || url.hostname === '') return unusable
  const [user, password, path] = [url.username, url.password, url.pathname.slice(1)].map(decoded)
  if (user === undefined || password === undefined || path === undefined) return unusable
  for (const secret of [url.href, url.password, password]) run.mask.add(secret)
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port) || port,
    user,
    password,
    path,
    scheme,
    options: url.searchParams,
  }
}

/** `DATABASE_URL` of `{{env.DATABASE_URL}}`. */
function name(reference: string): string {
  return reference.replace(/^\{\{\s*env\.(\w+)\s*\}\}$/, '$1')
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** What Node is told about a connection over TLS; null for a plain one. */
export function tlsOptions(
  security: Security,
  host: string,
): {
  servername?: string
  rejectUnauthorized: boolean
  checkServerIdentity?: () => undefined
} | null {
  if (security === 'plain') return null
  return {
    // An address is no name that a server could choose its certificate by.
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    rejectUnauthorized: security !== 'unverified',
    ...(security === 'any_name' && { checkServerIdentity: () => undefined }),
  }
}
