import { Failure } from '../../core/failure.ts'

/** Whatever keeps the log from being written or read, as the one failure callers handle. */
export function unavailable(path: string, error: unknown): Failure {
  if (error instanceof Failure) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new Failure({
    code: 'audit_unavailable',
    message: `the audit log ${path} is unavailable: ${reason}`,
    hint: 'make room or set DEPLOYMENT_AUDIT_LOG to a writable file, then check with: gonogo audit verify',
    cause: error,
  })
}
