import { oneLine } from '../../core/text.ts'
import { approveRequest, type Approved } from '../../desk/approve.ts'
import { openRequests } from '../../desk/decide.ts'
import { reviewRequest } from '../../desk/review-request.ts'
import { exits, type ExitCode } from '../exit.ts'
import { renderPlan } from '../render/plan.ts'
import { printJson, type Session } from '../session.ts'
import { confirmByName, keyFileOf, type SignOptions } from '../sign.ts'
import { paletteFor } from '../style.ts'
import { wrap } from '../width.ts'
import { inCliWords } from '../words.ts'

/** The flags of an approval. */
export interface ApproveFlags extends SignOptions {
  reason?: string
  /** Mint a one-time code. */
  code?: boolean
}

/** Shows what waits, or one plan to sign. */
export async function runApprove(
  session: Session,
  id: string | undefined,
  options: ApproveFlags,
): Promise<ExitCode> {
  if (id === undefined) return await listOpen(session)
  const approved = await signRequest(session, id, options)
  printJson(session, { ...approved })
  if (approved.code !== null)
    session.print(`one-time code, shown only now: ${approved.code} (GONOGO_APPROVAL_TOKEN)`)
  session.print(`next: ${inCliWords(approved.next)}`)
  return exits.done
}

/** Shows the plan, has the environment's name typed, and signs. */
export async function signRequest(
  session: Session,
  id: string,
  options: ApproveFlags,
): Promise<Approved> {
  const { call, surface } = session
  const { good } = paletteFor(surface.err)
  const review = await reviewRequest(call, id)
  for (const line of renderPlan(review.lines, session.page('err'))) session.tell(line)
  // The name that was signed for and shown, not the row's own column.
  const { environment } = review.approval.request
  const question = `Type the environment's name to approve: `
  await confirmByName(session, options, {
    name: environment,
    question,
    what: `the approval of ${id}`,
  })
  const { reason = null, code = false } = options
  const approved = await approveRequest(call, review, keyFileOf(options), { reason, code })
  session.tell(good(`approved ${id} as ${approved.approver}, level ${approved.level}`))
  return approved
}

async function listOpen(session: Session): Promise<ExitCode> {
  const requests = await openRequests(session.call)
  const rows = requests.map(({ id, environment, requester, request }) => ({
    approval_id: id,
    action: request.action,
    environment,
    version: request.version,
    requester,
    expires_at: request.expires_at,
  }))
  printJson(session, { requests: rows })
  if (rows.length === 0) session.print('nothing waits for approval')
  const { when, width } = session.page('out')
  for (const row of rows) {
    const { approval_id, action, version, environment, requester, expires_at } = row
    const what = `${action} ${version} to ${environment}, asked by ${requester}`
    const line = oneLine(`${approval_id}  ${what}, expires ${when(expires_at)}`)
    for (const part of wrap(line, width, '  ')) session.print(part)
  }
  return exits.done
}
