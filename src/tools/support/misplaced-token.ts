import { Failure } from '../../core/failure.ts'
import type { Call } from '../../ports/context.ts'

/**
 * An approval token in any other argument would be written down with the request, or repeated in the
 * answer that refuses it. Looked for before the input is understood, so that no message can quote it.
 */
export function refuseMisplacedToken(tool: string, raw: unknown, call: Call): void {
  const { approval_token: _itsPlace, ...others } = { ...(raw as Record<string, unknown>) }
  const text = JSON.stringify(others)
  // In the form it has inside JSON; one of everyday length would be found in every request.
  const holds = (token: string) =>
    token.length > 5 && text.includes(JSON.stringify(token).slice(1, -1))
  if (!call.adminTokens.some(holds)) return
  throw new Failure({
    code: 'invalid_input',
    message: `${tool}: an argument holds an approval token, which belongs into approval_token alone`,
    hint: `call ${tool} again without it; approval_token is the only place for a token`,
  })
}
