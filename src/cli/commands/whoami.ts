import { tokenProblem } from '../../core/caller.ts'
import { toFailure } from '../../core/failure.ts'
import { principalLabel } from '../../core/principal.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import type { CallerToken } from '../../ports/store.ts'
import { callerTokenOf } from '../../tools/support/permission.ts'
import { exits, type ExitCode } from '../exit.ts'
import { printJson, type Session } from '../session.ts'

/** Says as whom a call of this process is made. Changes nothing, and counts as no attempt. */
export async function runWhoami(session: Session): Promise<ExitCode> {
  const { call } = session
  const token = await callerTokenOf(call)
  const problem = problemOf(call, token)
  const platform = await platformIdentity(call)
  const name = problem === null && token ? token.name : call.principal.name
  const principal = problem === null ? principalLabel({ ...call.principal, name }) : null
  const source = sourceOf(call, token)
  const user = call.runtime.userName()
  printJson(session, { principal, source, problem, token: tokenView(token), user, platform })
  session.print(`calls as          ${principal ?? 'nobody: every call is refused'}`)
  session.print(`because           ${source}`)
  if (problem !== null) session.print(`problem           ${problem}`)
  for (const line of tokenLines(session, token)) session.print(line)
  session.print(`operating system  ${user}`)
  if (platform) session.print(`platform          ${platformText(platform)}`)
  session.print(`at the desk       ${principalLabel(call.principal)}: tokens are for calls only`)
  return problem === null ? exits.done : exits.notPermitted
}

function problemOf({ callerToken, project, runtime }: Call, token: CallerToken | null) {
  if (callerToken === null) {
    return project.callers.token === 'required'
      ? 'callers.token is required, and there is no caller token'
      : null
  }
  if (token === null) return 'the caller token is none of this project'
  const problem = tokenProblem(token, runtime.now())
  return problem && `the caller token ${token.name} (${token.id}) is ${problem}`
}

function sourceOf({ callerToken, principal }: Call, token: CallerToken | null): string {
  if (callerToken !== null) return `a caller token${token ? `, made by ${token.created_by}` : ''}`
  return principal.kind === 'human'
    ? 'the operating-system user, at a terminal'
    : 'the operating-system user; nobody is at a terminal'
}

function tokenView(token: CallerToken | null) {
  if (token === null) return null
  const { id, name, role, environments, expires_at } = token
  const expires = expires_at === null ? null : new Date(expires_at).toISOString()
  return { id, name, role, environments, expires_at: expires }
}

function tokenLines({ page }: Session, token: CallerToken | null): string[] {
  const view = tokenView(token)
  if (view === null) return []
  const places = view.environments.length === 0 ? 'all' : view.environments.join(', ')
  const ends = view.expires_at === null ? 'never' : page('out').when(view.expires_at)
  return [
    `token             ${view.name} (${view.id})`,
    `role              ${view.role}`,
    `environments      ${places}`,
    `expires           ${ends}`,
  ]
}

interface PlatformIdentityView {
  login: string | null
  source: string | null
  /** Why nothing is known; null when the platform answered. */
  problem: string | null
}

/** Who gonogo is on the platform: not who calls, but whose name its runs carry. */
async function platformIdentity({ pipeline }: Call): Promise<PlatformIdentityView | null> {
  if (!pipeline?.platform) return null
  try {
    const { login, source } = (await pipeline.platform()).identity
    return { login, source, problem: null }
  } catch (error) {
    return { login: null, source: null, problem: toFailure(error).message }
  }
}

function platformText({ login, source, problem }: PlatformIdentityView): string {
  if (problem !== null) return `unknown: ${oneLine(problem, 200)}`
  return `${login === null ? 'an identity without a login' : oneLine(login, 60)} (${oneLine(source ?? '', 80)})`
}
