import { sanitize } from '../../core/text.ts'
import { showDuration } from '../duration.ts'
import type { Page } from './page.ts'
import type { Line } from './results.ts'
import { renderTable, type Column } from './table.ts'

export interface DeploymentRow {
  deployment_id: string
  environment: string
  kind: string
  status: string
  version: string
  initiated_by: string
  initiated_at: string
  completed_at: string | null
  duration_ms: number | null
  health_status: string
  logs_url: string | null
  bypass?: boolean
  review_owed?: boolean
}

const columns: readonly Column[] = [
  { name: 'deployment', whole: true },
  { name: 'environment' },
  { name: 'kind', dispensable: 2 },
  { name: 'status', whole: true },
  { name: 'version' },
  { name: 'by', dispensable: 3 },
  { name: 'started', whole: true },
  { name: 'took', whole: true, dispensable: 1 },
]

export function renderDeployments(rows: unknown, page: Page): Line[] {
  const cells = (rows as DeploymentRow[]).map((row) =>
    [
      row.deployment_id,
      row.environment,
      row.kind,
      statusOf(row),
      row.version,
      row.initiated_by,
      page.when(row.initiated_at),
      row.duration_ms === null ? '-' : showDuration(row.duration_ms),
    ].map(sanitize),
  )
  if (cells.length === 0) return ['  nothing was deployed yet, or nothing like this']
  return renderTable(columns, cells, page)
}

function statusOf({ status, bypass, review_owed }: DeploymentRow): string {
  return `${status}${bypass ? ' BYPASS' : ''}${review_owed ? ' REVIEW OWED' : ''}`
}
