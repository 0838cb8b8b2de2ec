import { matchingToken } from '../../core/admin-token.ts'
import { callProblem, tokenProblem, type CalledTool } from '../../core/caller.ts'
import { Failure } from '../../core/failure.ts'
import type { Call, Context } from '../../ports/context.ts'
import type { CallerToken } from '../../ports/store.ts'
import { deliverSoon } from './notify.ts'
import { noteRefusedToken, refuseWhenLimited } from './token-events.ts'

/** A call, and the token that names its caller; null where the caller is who it says it is. */
export interface Identified {
  call: Call
  token: CallerToken | null
}

/** The token a caller handed in, whether it counts or not; null when it handed in none that is known. */
export async function callerTokenOf(
  context: Pick<Context, 'callerToken' | 'store' | 'runtime'>,
): Promise<CallerToken | null> {
  const { callerToken, store, runtime } = context
  if (callerToken === null) return null
  const hash = runtime.sha256(callerToken)
  const tokens = await store.read((tables) => tables.callerTokens.list())
  return matchingToken(tokens, (sha256) => runtime.sameSecret(sha256, hash))
}

/** Names the caller by its token. One that is wrong, revoked or expired refuses every call. */
export async function identified(call: Call): Promise<Identified> {
  const { callerToken, project } = call
  if (callerToken === null) {
    if (project.callers.token === 'required') throw tokenWanted()
    return { call, token: null }
  }
  const token = await callerTokenOf(call)
  const problem = token && tokenProblem(token, call.runtime.now())
  if (token === null || problem !== null) {
    await countCallerToken(call, callerToken, token === null)
    throw tokenRefusal(token, problem)
  }
  const principal = { ...call.principal, name: token.name, token_id: token.id }
  return { call: { ...call, principal }, token }
}

/** An unknown token is a guess; after too many the answer only says to wait. */
async function countCallerToken(call: Call, token: string, guessed: boolean): Promise<void> {
  await call.store.write(async (tables) => {
    if (guessed) await refuseWhenLimited(call, tables, 'caller token')
    await noteRefusedToken(call, tables, token)
  })
  await deliverSoon(call)
}

/** Refuses what the role or the environments of the caller's token do not allow. */
export function requirePermission(
  token: CallerToken | null,
  tool: CalledTool,
  environment: string | null,
): void {
  const problem = token && callProblem(token, tool, environment)
  if (token === null || problem === null) return
  const { name, role, created_by } = token
  throw new Failure({
    code: 'not_permitted',
    message: `${name}: ${problem}`,
    hint: `ask ${created_by}, or whoever looks after this project, for a token with another role or environment: gonogo token create NAME --role ROLE`,
    details: { role, tool: tool.name, environment },
  })
}

function tokenWanted(): Failure {
  return new Failure({
    code: 'not_permitted',
    message: 'callers.token is required, and this call came without a caller token',
    hint: 'a person runs gonogo token create NAME --role ROLE; then set GONOGO_TOKEN or GONOGO_TOKEN_FILE and start again',
  })
}

function tokenRefusal(token: CallerToken | null, problem: string | null): Failure {
  return new Failure({
    code: 'not_permitted',
    message: token
      ? `the caller token ${token.name} (${token.id}) has ${problem === 'expired' ? 'expired' : 'been revoked'}`
      : 'the caller token is none of this project',
    hint: 'a person runs gonogo token create NAME --role ROLE; then set GONOGO_TOKEN or GONOGO_TOKEN_FILE and start again',
  })
}
