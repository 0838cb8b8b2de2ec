import type { Failure } from '../../core/failure.ts'

/** The status GitHub answered with; null without an answer, or for another failure. */
export function failureStatus({ details }: Failure): number | null {
  return typeof details['status'] === 'number' ? details['status'] : null
}
