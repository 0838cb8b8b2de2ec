import { Failure } from '../../core/failure.ts'
import type { Call } from '../../ports/context.ts'

/** What tokens the arguments of a call hold, by their labels. */
export interface TokensGiven {
  /** In `approval_token`, the only place for one. */
  placed: string[]
  misplaced: string[]
}

/** Looked for before the input is understood, so that no message can quote them. */
export function tokensGiven(raw: unknown, { held }: Pick<Call, 'held'>): TokensGiven {
  const { approval_token, ...others } = { ...(raw as Record<string, unknown>) }
  const placed = typeof approval_token === 'string' ? held.tokensIn(approval_token) : []
  return { placed, misplaced: held.tokensIn(textOf(others)) }
}

/** Every string of a value and every name of a field. */
function textOf(value: unknown): string {
  const found: string[] = []
  JSON.stringify(value, (key, member: unknown) => {
    found.push(key)
    if (typeof member === 'string') found.push(member)
    return member
  })
  return found.join('\n')
}

/**
 * A token in any other argument would be written down with the request, or repeated in the answer that
 * refuses it.
 */
export function refuseMisplacedToken(tool: string, { misplaced }: TokensGiven): void {
  if (misplaced.length === 0) return
  throw new Failure({
    code: 'invalid_input',
    message: `${tool}: an argument holds a token, which belongs into approval_token alone, or, if it is a caller token, into no argument`,
    hint: `call ${tool} again without it; tell whoever made the token that it was shown here`,
  })
}
