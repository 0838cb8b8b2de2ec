/**
 * Every way gonogo can refuse or fail, as stable codes. Exit codes (`cli/exit.ts`) and tool results
 * (`mcp/result.ts`) are tables over this union, so a new code does not compile until both know it.
 */
export type FailureCode =
  | 'invalid_input'
  | 'invalid_configuration'
  | 'unknown_environment'
  | 'unknown_version'
  | 'unknown_deployment'
  | 'unknown_approval'
  | 'unknown_image'
  | 'no_pipeline_configured'
  | 'read_only'
  | 'not_permitted'
  | 'invalid_approval'
  | 'approval_wanted'
  | 'blocked'
  | 'environment_busy'
  | 'no_rollback_target'
  | 'run_not_started'
  | 'run_not_found'
  | 'pipeline_unavailable'
  | 'pipeline_refused'
  | 'rate_limited'
  | 'deployment_failed'
  | 'pending'
  | 'declined'
  | 'interrupted'
  | 'source_unavailable'
  | 'registry_unavailable'
  | 'store_unavailable'
  | 'audit_unavailable'
  | 'missing_program'
  | 'internal'

/** What a caller needs to act on a failure. */
export interface FailureInit {
  code: FailureCode
  /** What happened, naming the field and the value where there is one. */
  message: string
  /** The next command or call, ready to be copied. */
  hint: string
  /** True when the same request may succeed later without any change. */
  retryable?: boolean
  /** Machine-readable facts (ids, field names); never secrets. */
  details?: Record<string, unknown>
  cause?: unknown
}

/** The one error type that crosses a room's border on purpose. Anything else is a defect of ours. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: FailureCode
  readonly hint: string
  readonly retryable: boolean
  readonly details: Record<string, unknown>

  constructor(init: FailureInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause })
    this.code = init.code
    this.hint = init.hint
    this.retryable = init.retryable ?? false
    this.details = init.details ?? {}
  }
}

/** The same without secrets. A message may repeat what was typed, or what a live system said. */
export function withoutSecrets(failure: Failure, redact: <T>(value: T) => T): Failure {
  const { code, message, hint, retryable, details, cause } = failure
  const trace = cause instanceof Error ? String(cause.stack) : cause
  const [told, shown] = [{ message, hint, details }, { trace }]
  const [clean, debug] = [redact(told), redact(shown)]
  if (clean === told && debug === shown) return failure
  return new Failure({ code, retryable, ...clean, cause: debug === shown ? cause : debug.trace })
}

/** A `Failure` for anything that was thrown; unknown errors become `internal`, message kept. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  const message = error instanceof Error ? error.message : String(error)
  return new Failure({
    code: 'internal',
    message: `unexpected error: ${message}`,
    hint: 'run the same command again with GONOGO_DEBUG=1 and report what it prints on stderr',
    cause: error,
  })
}
