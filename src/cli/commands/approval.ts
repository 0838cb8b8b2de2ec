import { oneLine } from '../../core/text.ts'
import {
  listApprovals,
  showApproval,
  standingOf,
  type ShownDecision,
} from '../../desk/approval-history.ts'
import { importDecision } from '../../desk/import-decision.ts'
import { exportRequest } from '../../desk/portable.ts'
import { rejectRequest } from '../../desk/reject.ts'
import { revokeApproval } from '../../desk/revoke.ts'
import { exits, type ExitCode } from '../exit.ts'
import { readInput } from '../read-input.ts'
import type { Page } from '../render/page.ts'
import { renderPlan } from '../render/plan.ts'
import { printJson, type Session } from '../session.ts'
import { keyFileOf, type SignOptions } from '../sign.ts'
import { paletteFor } from '../style.ts'
import { wrap } from '../width.ts'
import { inCliWords } from '../words.ts'

export interface DecideFlags extends Pick<SignOptions, 'key'> {
  reason?: string
}

export async function runReject(
  session: Session,
  id: string,
  options: DecideFlags,
): Promise<ExitCode> {
  const key = { file: keyFileOf(options), wanted: options.key !== undefined }
  const rejected = await rejectRequest(session.call, id, options.reason ?? null, key)
  printJson(session, { ...rejected })
  const how = rejected.signed ? 'signed' : 'unsigned: no key of an approver was at hand'
  session.print(`rejected ${id} as ${oneLine(rejected.by)} (${how})`)
  return exits.done
}

export async function runRevoke(
  session: Session,
  id: string,
  options: DecideFlags,
): Promise<ExitCode> {
  const keyFile = keyFileOf(options)
  const revoked = await revokeApproval(session.call, id, options.reason ?? null, keyFile)
  printJson(session, { ...revoked })
  session.print(`revoked ${id} as ${oneLine(revoked.by)}: nobody can use it any more`)
  return exits.done
}

export async function runApprovalList(session: Session, all: boolean): Promise<ExitCode> {
  const { call } = session
  const now = call.runtime.now()
  const rows = (await listApprovals(call, all)).map((approval) => {
    const { id, environment, requester, request, decisions, consumed_by } = approval
    const { action, kind, version, expires_at } = request
    const said = decisions.map(({ person, verdict }) => `${verdict} by ${person}`)
    const what = { approval_id: id, state: standingOf(approval, now), action, kind, environment }
    return { ...what, version, requester, expires_at, decisions: said, consumed_by }
  })
  printJson(session, { approvals: rows })
  if (rows.length === 0)
    session.print(all ? 'no request was ever made' : 'nothing waits or is approved')
  const { when, width } = session.page('out')
  for (const row of rows) {
    const { approval_id, state, action, version, environment, requester, decisions } = row
    const marked = row.kind === 'break_glass' ? ' (break glass)' : ''
    const what = `${action}${marked} ${version} to ${environment}, asked by ${requester}`
    const used = row.consumed_by === null ? [] : [`used by ${row.consumed_by}`]
    const isUsable = row.state === 'open' || row.state === 'approved'
    const until = isUsable ? [`expires ${when(row.expires_at)}`] : used
    const line = [`${approval_id}  ${state}  ${what}`, ...decisions, ...until].join(', ')
    for (const part of wrap(oneLine(line, 1000), width, '  ')) session.print(part)
  }
  return exits.done
}

export async function runApprovalShow(session: Session, id: string): Promise<ExitCode> {
  const { approval, standing, decisions, lines } = await showApproval(session.call, id)
  const { request, consumed_by } = approval
  printJson(session, { approval_id: id, state: standing, consumed_by, request, decisions })
  const page = session.page('out')
  for (const line of renderPlan(lines, page)) session.print(line)
  const used = consumed_by === null ? '' : ` by ${consumed_by}`
  session.print(`${id} is ${standing}${used}`)
  if (decisions.length === 0) session.print('nobody has decided anything about it')
  for (const decision of decisions) {
    for (const part of wrap(decisionLine(decision, page), page.width, '    ')) session.print(part)
  }
  return exits.done
}

function decisionLine(decision: ShownDecision, { when }: Page): string {
  const { verdict, person, identity, method, level, reason, code, problem } = decision
  const who = person === identity ? person : `${person} (${identity})`
  const at = when(new Date(decision.decided_at).toISOString())
  const parts = [
    `${verdict} by ${who}, ${method}, ${level}, ${at}`,
    ...(code ? ['for a one-time code'] : []),
    ...(reason === null ? [] : [`reason: ${reason}`]),
    ...(decision.url === null ? [] : [decision.url]),
    ...(problem === null ? [] : [`does not count: ${problem}`]),
  ]
  return oneLine(`  ${parts.join('; ')}`, 1000)
}

/** A file for another machine: JSON with and without --json. */
export async function runExport(session: Session, id: string): Promise<ExitCode> {
  const portable = await exportRequest(session.call, id)
  session.surface.out.write(`${JSON.stringify({ schema_version: 1, ...portable }, null, 2)}\n`)
  session.note('to be signed there with: gonogo approve --request FILE')
  return exits.done
}

export async function runImport(session: Session, file: string): Promise<ExitCode> {
  const text = await readInput(session.surface, file, 'file')
  const approved = await importDecision(session.call, text)
  printJson(session, { ...approved })
  const { good } = paletteFor(session.surface.err)
  const { approval_id, approver, level } = approved
  session.tell(good(`approved ${approval_id} as ${approver}, level ${level}`))
  session.print(`next: ${inCliWords(approved.next)}`)
  return exits.done
}
