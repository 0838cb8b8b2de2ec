import { couldNotRun, type Check, type Requirement } from '../../core/check.ts'
import { toFailure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'

/** A check that could not look, with why and what to do about it. */
export function unseenCheck(name: string, requirement: Requirement, error: unknown): Check {
  const { message, hint } = toFailure(error)
  const text = hint === '' ? message : `${message}: ${hint}`
  return couldNotRun(name, requirement, oneLine(text, 500))
}
