import { sanitize } from '../../core/text.ts'
import { explainFreeze, freezeStatuses, type FreezeAt, type ToldSpan } from '../../desk/freeze.ts'
import { production } from '../../tools/support/environments.ts'
import { exits, type ExitCode } from '../exit.ts'
import { printJson, type Session } from '../session.ts'

export interface ExplainOptions {
  timeZone?: string
}

export async function runFreezeStatus(
  session: Session,
  name: string | undefined,
): Promise<ExitCode> {
  const { call } = session
  const names = name === undefined ? call.project.environments.map((one) => one.name) : [name]
  const statuses = await freezeStatuses(call, names)
  printJson(session, { freezes: statuses })
  for (const status of statuses) show(session, status)
  return exits.done
}

/** What would hold at a time that may be months away. */
export async function runFreezeExplain(
  session: Session,
  time: string,
  name: string | undefined,
  { timeZone }: ExplainOptions,
): Promise<ExitCode> {
  const asked = name ?? production(session.call.project).name
  const explained = await explainFreeze(session.call, time, asked, timeZone)
  printJson(session, { environment: asked, ...explained })
  session.print(explained.read_as)
  for (const moment of explained.moments) show(session, moment, explained.moments.length > 1)
  return exits.done
}

function show(session: Session, status: FreezeAt, withTime = false): void {
  const { environment, frozen, until, open, next, requirement, notes, at } = status
  const { good, bad, caution, faint } = session.page('out').palette
  const when = withTime ? `${at}  ` : ''
  const end = until === null ? 'no end is in sight' : `until ${until}`
  const state = frozen ? bad(`frozen, ${end}`) : good('not frozen')
  session.print(`${when}${environment}  ${state}`)
  for (const span of open) session.print(`  open: ${told(span)}`)
  if (frozen) session.print(faint(`  ${consequence(requirement)}`))
  for (const span of next) session.print(faint(`  next: ${told(span)}`))
  for (const note of notes) session.print(caution(`  ! ${sanitize(note)}`))
}

function told({ name, local }: ToldSpan): string {
  return sanitize(`${name}, ${local}`)
}

function consequence(requirement: FreezeAt['requirement']): string {
  if (requirement === 'off') return 'the check freeze_window is off here: nothing is held back'
  if (requirement === 'advisory') return 'the check freeze_window is advisory here: it only warns'
  return 'rollbacks go; what is new waits, or --override-freeze --reason TEXT asks an approver'
}
