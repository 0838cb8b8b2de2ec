import { readFile } from 'node:fs/promises'
import type { Call } from '../../ports/context.ts'
import { tokenLabel } from '../../tools/support/audit.ts'
import { done, notDone, type Seen } from './step.ts'

const lookedBack = 50

/** The attempt with the made-up token must be there, with the token's hash in the token's place. */
export async function auditLine(call: Call, token: string): Promise<Seen> {
  const { path } = call.audit
  const lines = await call.audit.tail(lookedBack)
  const label = tokenLabel(call, token)
  const own = lines.filter(({ request_id }) => request_id === call.requestId)
  const line = own.find(({ details }) => details['approval_token'] === label)
  if (line === undefined)
    return notDone(`no line of ${path} names the attempt (${label})`, 'gonogo audit')
  const text = await readFile(path, 'utf8')
  if (text.includes(token))
    return notDone(
      `${path} holds the token itself`,
      'stop using this gonogo; report it as SECURITY.md says',
    )
  return done(`line ${line.seq} names ${label} and nothing more of the token`)
}

export async function auditVerifies(call: Call): Promise<Seen> {
  const { consistent, anchored, lines, problems } = await call.audit.verify()
  const worth = anchored ? 'anchored' : 'not anchored'
  if (consistent) return done(`${lines} line(s), self-consistent, ${worth}`)
  return notDone(`line ${problems[0]?.line}: ${problems[0]?.problem}`, 'gonogo audit verify')
}
