import * as z from 'zod'
import { deploymentStatuses, isUnderWay, type DeploymentStatus } from '../../core/deployment.ts'
import type { Outcome } from './carry-out.ts'
import type { Planned } from './planned.ts'
import { approvalOutput, strings } from './schemas.ts'
import { timestamp } from './time.ts'

/** What every tool that changes an environment adds to its own fields. */
export const writeFields = {
  status: z.enum(['dry_run', 'waiting_approval', 'blocked', 'queued', 'in_progress']),
  deployment_status: z.enum(deploymentStatuses).optional(),
  initiated_at: z.string().nullable(),
  approval: approvalOutput.optional(),
  approved: z.object({ by: z.string(), method: z.string(), level: z.string() }).optional(),
  blockers: strings.optional(),
  warnings: strings.optional(),
  plan: z.record(z.string(), z.unknown()).optional(),
  plan_hash: z.string().optional(),
  accepted: z.string().optional(),
  watched_by: z.string().nullable().optional(),
  next: z.string().optional(),
}

/** The shared part of the answer. */
export function writeAnswer(planned: Planned, outcome: Outcome) {
  const warnings = planned.plan.warnings
  const base = { status: outcome.status, plan_hash: planned.hash, warnings }
  switch (outcome.status) {
    case 'dry_run': {
      const { accepted } = outcome
      const { blockers } = planned.verdict
      return { ...base, initiated_at: null, plan: { ...planned.plan }, accepted, blockers }
    }
    case 'blocked':
      return { ...base, initiated_at: null, blockers: outcome.blockers }
    case 'waiting_approval': {
      const { approval, notes } = outcome
      const all = [...warnings, ...notes]
      return { ...base, initiated_at: null, approval, warnings: all, next: nextAfter(approval) }
    }
    case 'queued':
    case 'in_progress': {
      const { deployment, watched_by, notes, grant } = outcome
      return {
        ...base,
        initiated_at: timestamp(deployment.created_at),
        deployment_status: deployment.status,
        watched_by,
        ...(grant && { approved: { by: grant.by, method: grant.method, level: grant.level } }),
        warnings: [...warnings, ...notes],
        next: `get_deployment_status ${deployment.id}`,
      }
    }
  }
}

type WaitingApproval = Extract<Outcome, { status: 'waiting_approval' }>['approval']

function nextAfter(approval: WaitingApproval): string {
  const { id, state } = approval
  if (state === 'approved') return `approved: call again with approval_token ${id}`
  return `ask ${whoIsMissing(approval)} to ${wayToApprove(approval)}, then call again with approval_token ${id}`
}

/** A signature never reaches L2: then it is only said what does. */
function wayToApprove({ command, url, level_wanted }: WaitingApproval): string {
  if (url === undefined) return `run "${command}"`
  return level_wanted === 'L2' ? `answer in ${url}` : `run "${command}", or to answer in ${url}`
}

function whoIsMissing(approval: { approvals_wanted: number; approved_by: string[] }): string {
  const { approvals_wanted, approved_by } = approval
  const missing = approvals_wanted - approved_by.length
  if (missing > 1) return `${missing} people`
  return approved_by.length > 0 ? 'one more person' : 'a person'
}

/** The id of what was started, or null. */
export function startedId(outcome: Outcome): string | null {
  return 'deployment' in outcome ? outcome.deployment.id : null
}

/** One sentence about where a write stands. */
export function summarizeWrite(
  what: string,
  output: {
    status: Outcome['status']
    blockers?: string[] | undefined
    accepted?: string | undefined
    next?: string | undefined
    deployment_status?: DeploymentStatus | undefined
  },
  id: string | null,
): string {
  switch (output.status) {
    case 'dry_run':
      return `Dry run of ${what}; nothing was changed. Would it be accepted? ${output.accepted}.`
    case 'blocked':
      return `NO-GO: ${what} is blocked: ${output.blockers?.join('; ')}`
    case 'waiting_approval':
      return `${what} waits for a person: ${output.next}.`
    case 'queued':
    case 'in_progress':
      if (hasEnded(output.deployment_status)) {
        return `${what} was started as ${id} and ended as ${output.deployment_status}.`
      }
      return `${what} is ${output.status} as ${id}. Follow it with ${output.next}.`
  }
}

function hasEnded(status: DeploymentStatus | undefined): boolean {
  return status !== undefined && !isUnderWay({ status })
}
