import * as z from 'zod'
import { severities } from '../../core/finding.ts'

/** Names as the configuration allows them; anything else cannot exist and is not worth repeating. */
export const environmentInput = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
  error: 'an environment is named by letters, digits, dots, dashes and underscores',
})
export const gitRefInput = z.string().min(1).max(255)
export const allowOlderInput = z.boolean().default(false).describe('Go back to an older commit')
export const dryRunInput = z.boolean().default(false)
export const reasonInput = z.string().trim().min(1).max(500)
export const overrideFreezeInput = z
  .boolean()
  .default(false)
  .describe('Go into a freeze; wants a reason and an approval')

/** One check, as every tool returns it. */
export const checkOutput = z.object({
  check_name: z.string(),
  status: z.enum(['passed', 'failed', 'skipped', 'warning']),
  ran: z.boolean(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
  duration_ms: z.number(),
})

export const severitySummaryOutput = z.object({
  critical: z.number(),
  high: z.number(),
  medium: z.number(),
  low: z.number(),
  info: z.number(),
})

/** One security finding. */
export const vulnerabilityOutput = z.object({
  id: z.string(),
  title: z.string(),
  severity: z.enum(severities),
  package: z.string().nullable(),
  affected_versions: z.string().nullable(),
  fixed_version: z.string().nullable(),
  description: z.string(),
  cvss_score: z.number().nullable(),
  references: z.array(z.string()),
  source: z.string(),
  scope: z.enum(['runtime', 'development']).nullable(),
  path: z.string().nullable(),
  line: z.number().nullable(),
  fingerprint: z.string(),
})

/** A request for approval, as the answer of a write that wants one. */
export const approvalOutput = z.object({
  id: z.string(),
  state: z.string(),
  expires_at: z.string(),
  command: z.string(),
  level_wanted: z.string(),
  approvals_wanted: z.number(),
  approved_by: z.array(z.string()),
  url: z.string().optional(),
})

export const strings = z.array(z.string())
