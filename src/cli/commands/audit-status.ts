import { oneLine } from '../../core/text.ts'
import type { AuditStatus, OutsidePlace } from '../../ports/audit-log.ts'
import { exits, type ExitCode } from '../exit.ts'
import type { Page } from '../render/page.ts'
import { printJson, type Session } from '../session.ts'

/** Where the log is and how it is kept. What does not work is told, and is no failure of this command. */
export async function runAuditStatus(session: Session): Promise<ExitCode> {
  const status = await session.call.audit.status()
  printJson(session, { ...status })
  for (const line of statusLines(status, session.page('out'))) session.print(line)
  return exits.done
}

function* statusLines(status: AuditStatus, page: Page): Generator<string> {
  const { path, lines, bytes, earlier, checkpoint, public_key, key_file } = status
  const files = earlier.length === 0 ? '' : `, in ${earlier.length + 1} files`
  yield `log          ${path}`
  yield `             ${lines} line(s), ${kilobytes(bytes)}${files}`
  yield `checkpoint   ${
    checkpoint === null
      ? 'none yet: gonogo audit checkpoint'
      : `covers ${checkpoint.size} of ${lines} line(s), signed ${page.when(moment(checkpoint.at))}`
  }`
  yield `key          ${public_key ?? `none yet: ${key_file} is made with the first checkpoint`}`
  if (status.anchors.length === 0) yield 'anchors      nothing is kept outside the log yet'
  for (const place of status.anchors) yield `anchor       ${placeLine(place, page)}`
  for (const place of status.streams) yield `stream       ${placeLine(place, page)}`
}

function placeLine({ place, at, size, problem }: OutsidePlace, page: Page): string {
  const { good, bad, faint } = page.palette
  const name = oneLine(place, 200)
  if (at === null) return `${name}  ${faint('nothing was sent yet')}`
  const covered = size === null ? '' : `, covers ${size} line(s)`
  const when = `${page.when(moment(at))}${covered}`
  return problem === null
    ? `${name}  ${good('ok')}  ${faint(when)}`
    : `${name}  ${bad('failed')}  ${oneLine(problem, 200)}  ${faint(when)}`
}

function moment(ms: number): string {
  return new Date(ms).toISOString()
}

function kilobytes(bytes: number): string {
  return bytes < 1024 * 1024
    ? `${Math.ceil(bytes / 1024)} kB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
