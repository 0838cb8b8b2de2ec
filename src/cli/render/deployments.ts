import { oneLine, sanitize } from '../../core/text.ts'
import { showDuration } from '../duration.ts'
import type { Palette } from '../style.ts'
import { renderChecks, statusMark, type Line } from './results.ts'

interface DeploymentRow {
  deployment_id: string
  environment: string
  kind: string
  status: string
  version: string
  initiated_by: string
  initiated_at: string
  duration_ms: number | null
  health_status: string
  logs_url: string | null
}

const columns = [
  'deployment',
  'environment',
  'kind',
  'status',
  'version',
  'by',
  'started',
  'took',
] as const

export function renderDeployments(rows: unknown, palette: Palette): Line[] {
  const cells = (rows as DeploymentRow[]).map((row) => [
    row.deployment_id,
    row.environment,
    row.kind,
    row.status,
    row.version,
    row.initiated_by,
    row.initiated_at.replace('T', ' ').slice(0, 16),
    row.duration_ms === null ? '-' : showDuration(row.duration_ms),
  ])
  if (cells.length === 0) return ['  nothing was deployed yet, or nothing like this']
  const widths = columns.map((name, index) =>
    Math.max(name.length, ...cells.map((row) => row[index]!.length)),
  )
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, index) => sanitize(cell).padEnd(widths[index]!)).join('  ')}`
  return [palette.faint(line(columns)), ...cells.map(line)]
}

export function renderStatus(output: Record<string, unknown>, palette: Palette): Line[] {
  const { logs_url, health_status, initiated_by } = output.deployment as DeploymentRow
  const health = Object.entries(
    output.health_checks as Record<string, { status: string; message: string }>,
  )
  const logs = output.logs as string[]
  return [
    `  by ${oneLine(initiated_by)}, health at the end: ${health_status}${watcher(output)}`,
    ...renderChecks(output.checks, palette),
    ...health.map(([component, { status, message }]) => {
      const mark = statusMark(status === 'healthy' ? 'passed' : 'failed', palette)
      return `  ${mark} ${oneLine(component).padEnd(20)} now ${status} (${oneLine(message)})`
    }),
    ...logs.map((text) => palette.faint(`  | ${sanitize(text)}`)),
    ...(logs_url === null ? [] : [palette.faint(`  log: ${sanitize(logs_url)}`)]),
  ]
}

function watcher({ watched_by }: Record<string, unknown>): string {
  return typeof watched_by === 'string' ? `, watched by ${watched_by}` : ''
}
