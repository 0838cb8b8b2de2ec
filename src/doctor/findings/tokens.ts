import type { AdminToken } from '../../core/admin-token.ts'
import { oneLine } from '../../core/text.ts'
import { secretLabel } from '../../core/token-search.ts'
import type { CallerToken } from '../../ports/store.ts'
import { fail, note, ok, warn, type Finding } from '../finding.ts'
import type { Patient, Records } from '../patient.ts'

const soonMs = 7 * 24 * 3_600_000

/** Secrets that give somebody a say, and what is known against them. Told by their labels alone. */
export async function tokenFindings(patient: Patient): Promise<Finding[]> {
  // An unreadable store is a finding of its own.
  const seen = (await patient.records().catch(() => null))?.seen ?? null
  return [
    ...staticTokens(patient),
    ...callerTokens(patient, seen?.callerTokens ?? []),
    ...exposed(patient, seen),
    ...refused(seen),
  ]
}

function staticTokens({ call: { adminTokens, project, runtime } }: Patient): Finding[] {
  if (adminTokens.length === 0) return []
  const what = `DEPLOYMENT_ADMIN_TOKENS holds ${adminTokens.length} static token(s)`
  const fix = 'unset DEPLOYMENT_ADMIN_TOKENS where gonogo is started'
  if (project.approvals.mode === 'strict')
    return [note('static_tokens', `${what}, which approvals.mode: strict refuses`, fix)]
  const worth = 'whoever can read or set the environment of gonogo can approve (compatibility, L0)'
  const now = runtime.now()
  return [
    warn('static_tokens', `${what}: ${worth}`, fix),
    ...adminTokens.flatMap((token) => staticToken(token, now)),
  ]
}

function staticToken({ label, weakness, expires_at }: AdminToken, now: number): Finding[] {
  const name = oneLine(label, 80)
  const replace = `replace it in DEPLOYMENT_ADMIN_TOKENS: openssl rand -base64 32`
  if (weakness !== null)
    return [warn('static_tokens', `${name} is easy to guess: ${weakness}`, replace)]
  if (expires_at === null || expires_at - now > soonMs) return []
  const when = expires_at <= now ? 'ended' : 'ends'
  return [warn('static_tokens', `${name} ${when} at ${minuteOf(expires_at)} UTC`, replace)]
}

function callerTokens({ call }: Patient, tokens: readonly CallerToken[]): Finding[] {
  const now = call.runtime.now()
  const known = tokens.filter(({ revoked_at }) => revoked_at === null)
  const valid = known.filter(({ expires_at }) => expires_at === null || expires_at > now)
  const wanted = call.project.callers.token === 'required'
  if (wanted && valid.length === 0) {
    const message = 'callers.token is required, and no token counts: every call is refused'
    return [fail('caller_tokens', message, 'gonogo token create NAME --role deployer')]
  }
  const names = valid.map(({ name, role }) => `${oneLine(name, 40)} (${role})`).join(', ')
  return [
    ...(valid.length === 0 ? [] : [ok('caller_tokens', `tokens of callers: ${names}`)]),
    ...known.flatMap((token) => ending(token, now)),
  ]
}

function ending({ name, expires_at }: CallerToken, now: number): Finding[] {
  const whose = `the caller token ${oneLine(name, 60)}`
  const again = `gonogo token revoke ${name}, and create another`
  if (expires_at === null)
    return [note('caller_tokens', `${whose} never ends`, `${again} with --expires 90d`)]
  if (expires_at - now > soonMs) return []
  const when = expires_at <= now ? 'ended' : 'ends'
  return [warn('caller_tokens', `${whose} ${when} at ${minuteOf(expires_at)} UTC`, again)]
}

/** What went through a model is no secret any more, until it is replaced. */
function exposed({ call }: Patient, seen: Records | null): Finding[] {
  const counting = new Set(
    [
      ...call.adminTokens,
      ...(seen?.callerTokens ?? []).filter((token) => !token.revoked_at),
    ].flatMap((token) => [secretLabel(token.sha256), 'label' in token ? token.label : token.id]),
  )
  const open = (seen?.exposed ?? []).filter(({ label }) => counting.has(label))
  return open.map(({ label, caller, at }) => {
    const message = `${oneLine(label, 80)} went through a model's conversation (${oneLine(caller, 80)}, ${minuteOf(at)} UTC), and still counts`
    return warn('token_exposed', message, 'replace it: gonogo token list, DEPLOYMENT_ADMIN_TOKENS')
  })
}

function refused(seen: Records | null): Finding[] {
  const byCaller = Map.groupBy(seen?.refused ?? [], ({ caller }) => caller)
  return [...byCaller].map(([caller, events]) => {
    const message = `${oneLine(caller, 100)}: ${events.length} token(s) were refused within a day`
    return note('token_refused', message, 'gonogo audit --limit 100')
  })
}

function minuteOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}
