import { Failure } from '../../core/failure.ts'

/** The status GitHub answered with; null without an answer, or for another failure. */
export function failureStatus({ details }: Failure): number | null {
  return typeof details['status'] === 'number' ? details['status'] : null
}

/** What is not there, or what this token may not see: GitHub does not always tell which. */
export function isUnseen(error: unknown): error is Failure {
  if (!(error instanceof Failure)) return false
  const status = failureStatus(error)
  return status === 403 || status === 404
}
