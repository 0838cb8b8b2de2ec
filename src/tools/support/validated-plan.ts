import { passed } from '../../core/check.ts'
import { changesSinceValidation } from '../../core/plan-difference.ts'
import type { Plan } from '../../core/plan.ts'
import { policyChanges } from '../../core/policy-difference.ts'
import { changeText } from '../../core/policy-view.ts'
import type { Project } from '../../core/project.ts'
import { oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import { record } from './evidence.ts'
import type { Planned } from './planned.ts'

const name = 'validated_plan'
/** One kind of evidence only: what it depends on is in the plan. */
const subject = 'plan'

/** Keeps the plan that a validation found to be a go, for the deployment to be held against. */
export async function recordValidated(call: Call, planned: Planned): Promise<void> {
  const { plan, text, hash, environment } = planned
  const details = { plan_hash: hash, plan: text, policy: call.policyText }
  const about = { sha: plan.release.sha, environment: environment.name, deployment_id: null }
  await record(call, passed(name, `valid as plan ${hash}`, details), { ...about, subject })
}

/**
 * What changed since this release was last validated for this environment; empty when nothing did, or
 * when it never was: then the plan stands for itself.
 */
export async function changedSinceValidation(
  call: Call,
  planned: Planned,
  unasked: readonly (keyof Plan)[] = [],
): Promise<string[]> {
  const { plan, environment } = planned
  const about = { check_name: name, sha: plan.release.sha, environment: environment.name, subject }
  const latest = { ...about, since: 0 }
  const evidence = await call.store.read((tables) => tables.evidence.latest(latest))
  if (evidence === null) return []
  const { plan: text, policy } = evidence.check.details as { plan: string; policy: string }
  if (isOver(call, evidence.recorded_at, policy)) return []
  const validated = JSON.parse(text) as Plan
  if (validated.format !== plan.format) return []
  const changes = changesSinceValidation(validated, plan, unasked)
  return changes.length === 0 ? [] : [told(changes, policyOf(call, validated, plan, policy))]
}

/** It counts as long as it did when it was made, since that may be what was changed. */
function isOver({ project, runtime }: Call, recorded_at: number, policy: string): boolean {
  const { evidence_hours } = JSON.parse(policy) as Pick<Project, 'evidence_hours'>
  const hours = Math.max(evidence_hours, project.evidence_hours)
  return recorded_at < runtime.now() - hours * 3_600_000
}

function told(changes: readonly string[], policy: readonly string[]): string {
  const what = [...changes, ...policy].join('; ')
  return `${name}: changed since it was validated: ${what}: run validate_deployment again`
}

const toldChanges = 3

/** Which keys of the configuration changed, without what is hidden in them. */
function policyOf(call: Call, validated: Plan, now: Plan, before: string): string[] {
  if (validated.policy_hash === now.policy_hash) return []
  const changes = policyChanges(before, call.policyText)
  const shown = changes.slice(0, toldChanges).map((change) => oneLine(changeText(change), 100))
  const more = changes.length - shown.length
  return more > 0 ? [...shown, `and ${more} more`] : shown
}
