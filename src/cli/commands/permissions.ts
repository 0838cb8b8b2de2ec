import { identified } from '../../tools/support/permission.ts'
import {
  permissionsOf,
  type ApprovalWanted,
  type Permission,
} from '../../tools/support/permissions.ts'
import { tools } from '../../tools/index.ts'
import { exits, type ExitCode } from '../exit.ts'
import { renderTable, type Column } from '../render/table.ts'
import { printJson, type Session } from '../session.ts'
import { weakTokenLines } from '../weak-tokens.ts'

const columns: readonly Column[] = [
  { name: 'tool', whole: true },
  { name: 'environment' },
  { name: 'may', whole: true },
  { name: 'approval' },
  { name: 'why', dispensable: 1 },
]

/** What this caller may do where, and whose approval it takes. Calls no tool. */
export async function runPermissions(session: Session): Promise<ExitCode> {
  const { call, token } = await identified(session.call)
  const permissions = permissionsOf(call, tools, token)
  const warnings = weakTokenLines(call)
  printJson(session, { role: token?.role ?? null, permissions, warnings })
  const rows = permissions.map((permission) => [
    permission.tool,
    permission.environment ?? '-',
    permission.allowed ? 'yes' : 'no',
    approvalText(permission),
    permission.why,
  ])
  for (const line of renderTable(columns, rows, session.page('out'))) session.print(line)
  for (const warning of warnings) session.print(`warning: ${warning}`)
  return exits.done
}

function approvalText({ approval, allowed }: Permission): string {
  if (!allowed) return '-'
  return approval === null ? 'none' : wantedText(approval)
}

function wantedText({ count, people, level, reason }: ApprovalWanted): string {
  const who =
    people.length === 0 ? (count === 1 ? 'approver' : 'approvers') : `of ${people.join(', ')}`
  return `${count} ${who}, ${level}${reason === 'required' ? ', with a reason' : ''}`
}
