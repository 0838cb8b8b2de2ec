import type { CallerRole } from '../core/caller.ts'
import { Failure } from '../core/failure.ts'
import { principalLabel } from '../core/principal.ts'
import { nearest, oneLine } from '../core/text.ts'
import { callerTokenPrefix } from '../core/token-search.ts'
import type { Call } from '../ports/context.ts'
import type { CallerToken } from '../ports/store.ts'
import { environmentNamed } from '../tools/support/environments.ts'
import { audited } from './audited.ts'

export interface NewToken {
  name: string
  role: CallerRole
  /** Names of environments; empty: all. */
  environments: readonly string[]
  /** Milliseconds; null: for ever. */
  validMs: number | null
}

export interface CreatedToken {
  /** The secret. It is stored nowhere and cannot be shown again. */
  secret: string
  token: CallerToken
}

/** Makes a token that names a caller. Only its hash is kept. */
export async function createToken(call: Call, wanted: NewToken): Promise<CreatedToken> {
  const { runtime, store } = call
  requireName(wanted.name)
  const names = wanted.environments.map((name) => environmentNamed(call.project, name).name)
  const { name, role, validMs } = wanted
  const secret = runtime.secret(callerTokenPrefix)
  const now = runtime.now()
  const token: CallerToken = {
    id: runtime.id('tok'),
    name,
    sha256: runtime.sha256(secret),
    role,
    environments: [...new Set(names)],
    created_by: principalLabel(call.principal),
    created_at: now,
    expires_at: validMs === null ? null : now + validMs,
    revoked_at: null,
  }
  await audited(call, tokenAct('token_create', token), () =>
    store.write(async (tables) => {
      const taken = (await tables.callerTokens.list()).find((other) => isInUse(other, name))
      if (taken) throw nameTaken(taken)
      await tables.callerTokens.insert(token)
    }),
  )
  return { secret, token }
}

/** Every token of this project, newest first. */
export async function listTokens(call: Call): Promise<CallerToken[]> {
  return await call.store.read((tables) => tables.callerTokens.list())
}

/** Ends a token, by its id or its name: the next call that comes with it is refused. */
export async function revokeToken(call: Call, which: string): Promise<CallerToken> {
  const token = tokenNamed(await listTokens(call), which)
  const now = call.runtime.now()
  await audited(call, tokenAct('token_revoke', token), async () => {
    const ended = await call.store.write((tables) => tables.callerTokens.revoke(token.id, now))
    if (!ended) throw revokedBefore(token)
  })
  return { ...token, revoked_at: now }
}

function tokenAct(operation: string, { id, name, role, environments, expires_at }: CallerToken) {
  const expires = expires_at === null ? null : new Date(expires_at).toISOString()
  const details = { token: id, name, role, environments, expires_at: expires }
  return { operation, environment: null, details, correlation_id: id }
}

/** A name stands for one token at a time: it is how records tell callers apart. */
function isInUse(token: CallerToken, name: string): boolean {
  return token.name === name && token.revoked_at === null
}

function tokenNamed(tokens: readonly CallerToken[], which: string): CallerToken {
  const found =
    tokens.find(({ id }) => id === which) ??
    tokens.find((token) => isInUse(token, which)) ??
    tokens.find(({ name }) => name === which)
  if (found === undefined) throw unknownToken(tokens, which)
  if (found.revoked_at !== null) throw revokedBefore(found)
  return found
}

function requireName(name: string): void {
  if (/^[A-Za-z0-9][\w.@-]{0,63}$/.test(name)) return
  throw new Failure({
    code: 'invalid_input',
    message: `name: ${JSON.stringify(oneLine(name, 80))} is not letters, digits and . _ @ -`,
    hint: 'name the token after who calls with it, such as ci or ada-laptop',
  })
}

function nameTaken({ name, id }: CallerToken): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `name: ${name} is the name of ${id}, which is still in use`,
    hint: `run gonogo token revoke ${id} first, or take another name`,
  })
}

function unknownToken(tokens: readonly CallerToken[], which: string): Failure {
  const names = tokens.filter(({ revoked_at }) => revoked_at === null).map(({ name }) => name)
  const guess = nearest(which, names)
  return new Failure({
    code: 'invalid_input',
    message: `there is no token "${oneLine(which, 64)}"${guess ? `, did you mean ${guess}?` : ''}`,
    hint: 'run gonogo token list',
  })
}

function revokedBefore({ name, id }: CallerToken): Failure {
  return new Failure({
    code: 'invalid_input',
    message: `${name} (${id}) was revoked before`,
    hint: 'run gonogo token list',
  })
}
