import { canonicalJson, toJson, type Json } from '../../core/canonical.ts'
import type { Check } from '../../core/check.ts'
import { oneLine } from '../../core/text.ts'
import type { AuditEvent } from '../../core/audit.ts'
import { toFailure, type Failure } from '../../core/failure.ts'
import { principalLabel } from '../../core/principal.ts'
import { secretLabel } from '../../core/token-search.ts'
import type { Call } from '../../ports/context.ts'

/** What a finished tool call looked like to the caller. */
export interface Attempt {
  name: string
  effect: 'read' | 'probe' | 'write' | 'destructive'
  input: Record<string, unknown>
  environment: string | null
  output?: Record<string, unknown>
  failure?: Failure
}

// An allow-list: what is not named here never reaches the log, whatever a tool returns.
const inputFields = [
  'deployment_id',
  'limit',
  'include_failed',
  'checks',
  'git_ref',
  'staging_version',
  'target_version',
  'test_suite',
  'reason',
  'skip_tests',
  'skip_security_scan',
  'skip_smoke_tests',
  'allow_older',
  'dry_run',
]
const outputFields = [
  'status',
  'deployment_id',
  'rollback_id',
  'valid',
  'passed',
  'blockers',
  'plan_hash',
  'severity_summary',
]

/**
 * One line per call. The deployments themselves write their intent before the effect and their result
 * after it. Resolves to a warning if the line could not be written: by now the work is done, and an
 * error would hide its outcome.
 */
export async function auditAttempt(call: Call, attempt: Attempt): Promise<string | null> {
  try {
    const event = attemptEvent(call, attempt)
    if (attempt.effect === 'read' && (await isWrittenDown(call, event))) return null
    await call.audit.append(event)
    return null
  } catch (error) {
    return `this call is missing from the audit log: ${toFailure(error).message}`
  }
}

/** Looks of the same caller at the same thing within this time are one line: whoever follows a deployment looks every second. */
const lookWindowMs = 60_000
const looksBack = 50

async function isWrittenDown(call: Call, event: AuditEvent): Promise<boolean> {
  const since = call.runtime.now() - lookWindowMs
  const earlier = await call.audit.tail(looksBack)
  return earlier.some((line) => Date.parse(line.timestamp) > since && isSameLook(line, event))
}

function isSameLook(line: AuditEvent, event: AuditEvent): boolean {
  const [one, other] = [line, event].map(({ operation, user, environment, success, details }) =>
    canonicalJson({ operation, user, environment, success, details }),
  )
  return one === other
}

function attemptEvent(call: Call, attempt: Attempt): AuditEvent {
  const { input, output, failure } = attempt
  const approvalToken = input.approval_token
  return {
    operation: attempt.name,
    user: principalLabel(call.principal),
    environment: attempt.environment,
    success: failure === undefined && output?.valid !== false && output?.passed !== false,
    phase: 'result',
    details: {
      ...pick(input, inputFields),
      ...(attempt.effect !== 'read' && learnt(call, output ?? {})),
      ...tokenHandedIn(call),
      ...(failure && refusalDetails(failure)),
      ...(typeof approvalToken === 'string' && { approval_token: tokenLabel(call, approvalToken) }),
    },
    request_id: call.requestId,
    correlation_id: correlation({ ...input, ...output }),
    dry_run: input.dry_run === true,
    approval: null,
  }
}

/** Whose token the call came with; of one that does not count, which one it was. */
function tokenHandedIn({ callerToken, principal, runtime }: Call): Record<string, Json> {
  const { token_id } = principal
  if (token_id !== undefined) return { caller_token: token_id }
  return callerToken === null ? {} : { caller_token: secretLabel(runtime.sha256(callerToken)) }
}

/** A check as the log keeps it: its evidence by hash, which the store's copy can be held against. */
export function auditedCheck(call: Pick<Call, 'runtime'>, check: Check): Json {
  const { check_name, status, ran, message, details } = check
  const evidence = `sha256:${call.runtime.sha256(canonicalJson(toJson(details)))}`
  return { check_name, status, ran, message: oneLine(message, 200), evidence }
}

/** What a probe or a change came to. What was read is in the store, and is no event. */
function learnt(call: Call, output: Record<string, unknown>): Record<string, Json> {
  return { ...pick(output, outputFields), ...auditedChecks(call, output.checks) }
}

function auditedChecks(call: Call, checks: unknown): Record<string, Json> {
  if (!Array.isArray(checks) || checks.length === 0) return {}
  return { checks: (checks as Check[]).map((check) => auditedCheck(call, check)) }
}

/** How a token appears wherever something is written down: the first 12 hex digits of its SHA-256. */
export function tokenLabel(call: Pick<Call, 'runtime'>, token: string): string {
  // Only what has the exact form of an id is one; a secret may begin like it.
  return /^apr_[0-9a-z]{26}$/.test(token) ? token : secretLabel(call.runtime.sha256(token))
}

function correlation(known: Record<string, unknown>): string | null {
  const id = known.deployment_id ?? known.rollback_id
  return typeof id === 'string' ? id : null
}

function pick(from: Record<string, unknown>, names: readonly string[]): Record<string, Json> {
  const present = names.filter((name) => from[name] !== undefined && from[name] !== null)
  return Object.fromEntries(present.map((name) => [name, toJson(from[name])]))
}

/** A message about bad input quotes it, and what was typed is nobody's to keep. */
function refusalDetails({ code, message }: Failure): Record<string, Json> {
  return code === 'invalid_input' ? { error: code } : { error: code, message }
}
