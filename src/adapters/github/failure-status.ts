import { Failure } from '../../core/failure.ts'

/** The status GitHub answered with; null without an answer, or for another failure. */
export function failureStatus({ details }: Failure): number | null {
  return typeof details['status'] === 'number' ? details['status'] : null
}

/**
 * What is not there, or what this token may not see: GitHub does not always tell which. A limit is told with
 * the same status, and says neither.
 */
export function isUnseen(error: unknown): error is Failure {
  if (!(error instanceof Failure) || error.code === 'rate_limited') return false
  const status = failureStatus(error)
  return status === 403 || status === 404
}
