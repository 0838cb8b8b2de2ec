import type { CallerRole } from '../../core/caller.ts'
import { tokenProblem } from '../../core/caller.ts'
import { secretLabel } from '../../core/token-search.ts'
import { createToken, listTokens, revokeToken } from '../../desk/tokens.ts'
import type { CallerToken } from '../../ports/store.ts'
import { exits, type ExitCode } from '../exit.ts'
import { renderTable, type Column } from '../render/table.ts'
import { printJson, type Session } from '../session.ts'

export interface TokenOptions {
  role: CallerRole
  environment?: string[]
  /** `12h`, `90d`, `52w` or `never`. */
  expires: string
}

/** Prints the token alone on stdout, so that it can be written into a file; the rest goes to stderr. */
export async function runTokenCreate(
  session: Session,
  name: string,
  { role, environment = [], expires }: TokenOptions,
): Promise<ExitCode> {
  const wanted = { name, role, environments: environment, validMs: validityMs(expires) }
  const { secret, token } = await createToken(session.call, wanted)
  printJson(session, { token: secret, ...viewOf(session, token) })
  session.print(secret)
  session.note(`${name} (${token.id}): ${role} for ${placesOf(token)}, ${endOf(session, token)}`)
  session.note(
    'this token is shown once: hand it in as GONOGO_TOKEN, or as a file by GONOGO_TOKEN_FILE',
  )
  if (session.call.project.callers.token === 'optional')
    session.note('callers.token is optional, so whoever leaves the token out is limited by nothing')
  return exits.done
}

const columns: readonly Column[] = [
  { name: 'name' },
  { name: 'id', whole: true },
  { name: 'role', whole: true },
  { name: 'environments' },
  { name: 'state', whole: true },
  { name: 'ends' },
  { name: 'made by', dispensable: 1 },
]

export async function runTokenList(session: Session): Promise<ExitCode> {
  const tokens = await listTokens(session.call)
  printJson(session, {
    callers: session.call.project.callers.token,
    tokens: tokens.map((token) => viewOf(session, token)),
  })
  if (tokens.length === 0)
    session.print('no caller tokens: run gonogo token create NAME --role ROLE')
  const rows = tokens.map((token) => [
    token.name,
    token.id,
    token.role,
    placesOf(token),
    stateOf(session, token),
    endOf(session, token),
    token.created_by,
  ])
  if (rows.length > 0)
    for (const line of renderTable(columns, rows, session.page('out'))) session.print(line)
  return exits.done
}

export async function runTokenRevoke(session: Session, which: string): Promise<ExitCode> {
  const token = await revokeToken(session.call, which)
  printJson(session, viewOf(session, token))
  session.print(`${token.name} (${token.id}) may no longer call`)
  return exits.done
}

const units = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }

function validityMs(text: string): number | null {
  if (text === 'never') return null
  return Number(text.slice(0, -1)) * units[text.at(-1) as keyof typeof units]
}

function viewOf(session: Session, { sha256, ...token }: CallerToken) {
  return {
    ...token,
    label: secretLabel(sha256),
    state: stateOf(session, token),
    created_at: timeOf(token.created_at),
    expires_at: timeOf(token.expires_at),
    revoked_at: timeOf(token.revoked_at),
  }
}

function stateOf({ call }: Session, token: Pick<CallerToken, 'revoked_at' | 'expires_at'>): string {
  return tokenProblem(token, call.runtime.now()) ?? 'active'
}

function placesOf({ environments }: CallerToken): string {
  return environments.length === 0 ? 'all environments' : environments.join(', ')
}

function endOf({ page }: Session, { expires_at }: CallerToken): string {
  return expires_at === null ? 'never ends' : `ends ${page('err').when(timeOf(expires_at)!)}`
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
