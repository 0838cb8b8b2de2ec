import type { FailureCode } from '../core/failure.ts'

/** Documented in docs/cli.md and tested: scripts depend on them. */
export const exits = {
  done: 0,
  failed: 1,
  usage: 2,
  declined: 3,
  notPermitted: 4,
  endedBadly: 5,
  blocked: 6,
  pending: 8,
  interrupted: 130,
} as const

export type ExitCode = (typeof exits)[keyof typeof exits]

/** The exit code of every failure. */
export const exitOfFailure: Record<FailureCode, ExitCode> = {
  invalid_input: exits.usage,
  invalid_configuration: exits.usage,
  unknown_environment: exits.usage,
  unknown_version: exits.usage,
  unknown_deployment: exits.usage,
  unknown_approval: exits.usage,
  unknown_image: exits.usage,
  no_pipeline_configured: exits.usage,
  read_only: exits.notPermitted,
  not_permitted: exits.notPermitted,
  invalid_approval: exits.notPermitted,
  approval_wanted: exits.blocked,
  blocked: exits.blocked,
  environment_busy: exits.blocked,
  no_rollback_target: exits.failed,
  run_not_started: exits.failed,
  run_not_found: exits.endedBadly,
  pipeline_unavailable: exits.failed,
  pipeline_refused: exits.failed,
  rate_limited: exits.failed,
  deployment_failed: exits.endedBadly,
  pending: exits.pending,
  declined: exits.declined,
  interrupted: exits.interrupted,
  source_unavailable: exits.failed,
  registry_unavailable: exits.failed,
  store_unavailable: exits.failed,
  audit_unavailable: exits.failed,
  missing_program: exits.failed,
  internal: exits.failed,
}

/** How a deployment that an earlier call had started may have ended. */
const badEnds: ReadonlySet<unknown> = new Set(['failure', 'cancelled', 'outcome_unknown'])

/** The exit code of a tool's answer: a no-go is a failure, a closed gate is its own code. */
export function exitOfOutput(output: Record<string, unknown>): ExitCode {
  if (output.status === 'blocked' || output.status === 'waiting_approval') return exits.blocked
  if (output.valid === false || output.passed === false) return exits.failed
  if (badEnds.has(output.deployment_status)) return exits.endedBadly
  return exits.done
}
