import * as z from 'zod'
import { deploymentStatuses, type Deployment } from '../../core/deployment.ts'
import { timestamp } from './time.ts'

/** A deployment as status and list return it. */
export const deploymentOutput = z.object({
  deployment_id: z.string(),
  environment: z.string(),
  kind: z.string(),
  status: z.enum(deploymentStatuses),
  phase: z.string(),
  version: z.string(),
  from_version: z.string().nullable(),
  git_ref: z.string(),
  initiated_by: z.string(),
  initiated_at: z.string(),
  completed_at: z.string().nullable(),
  duration_ms: z.number().nullable(),
  health_status: z.string(),
  logs_url: z.string().nullable(),
  /** True when it reached a guarded environment without a verified approval. */
  bypass: z.boolean().optional(),
  /** True when it went around gates and nobody has signed the review of it. */
  review_owed: z.boolean().optional(),
})

/** A row in the tools' words. */
export function presentDeployment(row: Deployment, logsUrl: string | null) {
  return {
    deployment_id: row.id,
    environment: row.environment,
    kind: row.kind,
    status: row.status,
    phase: row.phase,
    version: row.release.version,
    from_version: row.from?.version ?? null,
    git_ref: row.git_ref,
    initiated_by: row.initiated_by,
    initiated_at: timestamp(row.created_at),
    completed_at: timestamp(row.completed_at),
    duration_ms: row.completed_at === null ? null : row.completed_at - row.created_at,
    health_status: row.health_status,
    logs_url: logsUrl,
    ...(row.bypass && { bypass: true }),
  }
}
