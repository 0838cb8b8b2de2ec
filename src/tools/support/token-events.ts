import { matchingToken } from '../../core/admin-token.ts'
import { Failure } from '../../core/failure.ts'
import { tokenRefused } from '../../core/notification.ts'
import { principalLabel } from '../../core/principal.ts'
import { secretLabel } from '../../core/token-search.ts'
import type { Call } from '../../ports/context.ts'
import type { Tables, TokenEvent } from '../../ports/store.ts'
import { requestOf } from './find-request.ts'
import { announce, deliverSoon } from './notify.ts'

/** So many wrong tokens of one caller within the window; then none is looked at. */
const attempts = 5
const windowMs = 10 * 60_000

/**
 * Whom attempts are counted for: nobody's guesses shut out anybody else. Without a token of their own
 * callers are told apart by the operating-system user and the name they give.
 */
function countedCaller({ principal, runtime }: Pick<Call, 'principal' | 'runtime'>): string {
  const label = principalLabel(principal)
  return principal.token_id === undefined
    ? `${label} (${runtime.userName()})`
    : `${label} (${principal.token_id})`
}

/**
 * Counts an approval token that nobody knows, before anything is done with it, and refuses to compare
 * another one after too many. An approval request's id and a code of one are not guesses. Counting and
 * comparing are one transaction: calls at the same time get no more attempts than calls in a row.
 */
export async function countApprovalToken(call: Call, token: string): Promise<void> {
  if (await call.store.read((tables) => requestOf(call, tables, token))) return
  await call.store.write(async (tables) => {
    await refuseWhenLimited(call, tables, 'approval token')
    if (!isAdminToken(call, token)) await noteRefusedToken(call, tables, token)
  })
  await deliverSoon(call)
}

/** Whether a text is one of the static approval tokens, expired or not. */
function isAdminToken({ adminTokens, runtime }: Call, text: string): boolean {
  const hash = runtime.sha256(text)
  return matchingToken(adminTokens, (sha256) => runtime.sameSecret(sha256, hash)) !== null
}

/** Refuses when this caller has tried too often lately. */
export async function refuseWhenLimited(
  call: Call,
  tables: Tables,
  what: 'approval token' | 'caller token',
): Promise<void> {
  const decisive = (await lately(call, tables))[attempts - 1]
  if (decisive === undefined) return
  const until = new Date(decisive.at + windowMs).toISOString()
  throw new Failure({
    code: 'rate_limited',
    message: `${attempts} wrong tokens from ${countedCaller(call)} within ${windowMs / 60_000} minutes: no ${what} is looked at before ${until}`,
    hint: `call again after ${until} with the right one, or without any`,
    retryable: true,
    details: { until },
  })
}

/** Remembers by its label that somebody tried a token that does not count; the first one is told of. */
export async function noteRefusedToken(call: Call, tables: Tables, token: string): Promise<void> {
  const [label, caller] = [secretLabel(call.runtime.sha256(token)), countedCaller(call)]
  const earlier = await lately(call, tables)
  // A program that goes on with a revoked token is known by now.
  if (earlier.length >= attempts) return
  await tables.tokenEvents.insert({ kind: 'refused', label, caller, at: call.runtime.now() })
  if (earlier.length === 0) await announce(call, tables, tokenRefused(caller, label))
}

async function lately(call: Call, tables: Tables): Promise<TokenEvent[]> {
  const now = call.runtime.now()
  const about = { kind: 'refused', since: now - windowMs, caller: countedCaller(call) } as const
  const found = await tables.tokenEvents.list(about)
  // From before the clock was set back: nobody is shut out until it is there again.
  return found.filter(({ at }) => at <= now + windowMs)
}

/** Remembers, once for each, that tokens went through a model and whatever keeps its conversation. */
export async function noteExposed(call: Call, labels: readonly string[]): Promise<void> {
  if (labels.length === 0 || call.principal.kind !== 'agent') return
  await call.store.write(async (tables) => {
    const earlier = await tables.tokenEvents.list({ kind: 'exposed', since: 0 })
    const known = new Set(earlier.map(({ label }) => label))
    const [caller, at] = [countedCaller(call), call.runtime.now()]
    for (const label of labels.filter((one) => !known.has(one))) {
      await tables.tokenEvents.insert({ kind: 'exposed', label, caller, at })
    }
  })
}

/** Said with every answer to a model that handed in a token of more than one use. */
export function exposureWarning(raw: unknown, call: Call): string | null {
  const token = (raw as { approval_token?: unknown } | null)?.approval_token
  if (typeof token !== 'string' || call.principal.kind !== 'agent') return null
  const [label] = call.held.tokensIn(token)
  if (label === undefined) return null
  return `the token ${label} went through this conversation, so it is no secret any more: whoever made it has to replace it`
}
