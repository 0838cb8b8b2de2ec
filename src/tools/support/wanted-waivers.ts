import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'

/** What a caller asks to set aside, and why. */
export interface WaiverInput {
  override_freeze?: boolean | undefined
  break_glass?: boolean | undefined
  reason?: string | undefined
}

/** The waivers as a plan wants them. Whoever asks a person to set a gate aside says why. */
export function wantedWaivers(input: WaiverInput): {
  overrideFreeze: boolean
  breakGlass: boolean
  reason: string | null
} {
  const { override_freeze: overrideFreeze = false, break_glass: breakGlass = false, reason } = input
  if ((overrideFreeze || breakGlass) && reason === undefined) throw unexplained(breakGlass)
  return { overrideFreeze, breakGlass, reason: reason === undefined ? null : oneLine(reason, 500) }
}

function unexplained(breakGlass: boolean): Failure {
  const flag = breakGlass ? 'break_glass' : 'override_freeze'
  return new Failure({
    code: 'invalid_input',
    message: `reason is missing: ${flag} wants one, for the person who approves it`,
    hint: `call again with ${flag} and a reason`,
    details: { field: 'reason' },
  })
}
