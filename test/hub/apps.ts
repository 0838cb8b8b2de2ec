import { createPublicKey, verify } from 'node:crypto'
import type { HubApp } from './hub.ts'
import type { Caller } from './operation.ts'

/** The App that signed a token with its key; null when it is none, not the one, or out of time. */
export function appOf(token: string, app: HubApp | null, now: number): Caller | null {
  const [head = '', payload = '', signature = '', ...more] = token.split('.')
  if (app === null || signature === '' || more.length > 0) return null
  const claims = decode(payload)
  const seconds = now / 1000
  // GitHub takes ten minutes at most, and no token from the future beyond a minute's drift.
  const inTime =
    Number(claims['exp']) > seconds &&
    Number(claims['iat']) <= seconds + 60 &&
    Number(claims['exp']) - seconds <= 660
  const isTheApp = String(claims['iss']) === app.id && decode(head)['alg'] === 'RS256'
  if (!inTime || !isTheApp) return null
  const signed = verify(
    'sha256',
    Buffer.from(`${head}.${payload}`),
    createPublicKey(app.publicKey),
    Buffer.from(signature, 'base64url'),
  )
  return signed ? { login: app.login, kind: 'app', permissions: 'write' } : null
}

function decode(part: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>
  } catch {
    return {}
  }
}
