import { oneLine, sanitize } from '../../core/text.ts'
import { fit, pad, wrap } from '../width.ts'
import type { DeploymentRow } from './deployments.ts'
import type { Page } from './page.ts'
import { renderChecks, statusMark, type Line } from './results.ts'

type Health = Record<string, { status: string; message: string }>

const marks: Record<string, string> = { healthy: 'passed', unknown: 'warning' }

/** One deployment: who and when, its checks, the health of now and the end of its log. */
export function renderStatus(output: Record<string, unknown>, page: Page): Line[] {
  const deployment = output.deployment as DeploymentRow
  const { palette, width } = page
  return [
    ...wrap(`  ${who(deployment, output, page)}`, width, '    '),
    ...remarks(output, deployment).flatMap((text) => wrap(`  ! ${text}`, width, '    ')),
    ...renderChecks(output.checks, page, output.whole === true),
    ...Object.entries(output.health_checks as Health).map(([component, { status, message }]) => {
      const mark = statusMark(marks[status] ?? 'failed', palette)
      const what = `now ${status} (${oneLine(message)})`
      return fit(`  ${mark} ${pad(oneLine(component, 40), 20)} ${what}`, width)
    }),
    ...(output.logs as string[]).map((text) => palette.faint(fit(`  | ${sanitize(text)}`, width))),
    // A place to open is of no use in half.
    ...(deployment.logs_url === null
      ? []
      : [palette.faint(`  log: ${sanitize(deployment.logs_url)}`)]),
  ]
}

/** What somebody has to do or to know, before the details. */
function remarks(output: Record<string, unknown>, row: DeploymentRow): string[] {
  const { bypass, review_owed, deployment_id } = row
  return [
    ...(bypass ? ['bypass: it got there without a verified approval'] : []),
    ...(review_owed
      ? [`it went around gates: gonogo break-glass review ${oneLine(deployment_id)} --comment TEXT`]
      : []),
    ...(typeof output.waiting_for === 'string'
      ? [`waits for ${oneLine(output.waiting_for, 300)}`]
      : []),
  ]
}

function who(deployment: DeploymentRow, output: Record<string, unknown>, { when }: Page): string {
  const { initiated_by, initiated_at, completed_at, health_status } = deployment
  const ended = completed_at === null ? '' : `, ended ${when(completed_at)}`
  const { watched_by } = output
  const watcher = typeof watched_by === 'string' ? `, watched by ${oneLine(watched_by)}` : ''
  const times = `started ${when(initiated_at)}${ended}`
  return `by ${oneLine(initiated_by)}, ${times}, health at the end: ${health_status}${watcher}`
}
