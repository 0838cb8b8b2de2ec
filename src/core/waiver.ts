import type { GateInput } from './gate.ts'
import type { PlanAction } from './plan.ts'
import { oneLine } from './text.ts'

export interface WaivedGates {
  gates: GateInput[]
  /** Required gates that did not pass and no longer block. */
  set_aside: string[]
}

/** What a plan is, as far as it decides which gates may be set aside. */
export interface WaivablePlan {
  action: PlanAction
  /** The environment before; null where none counts. */
  before: string | null
  /** As they will be in the plan. */
  skips: readonly string[]
}

/**
 * The one place where a required gate becomes advisory: by what is in the plan's own list of waivers, and by
 * nothing else. What proves the release itself is in no list.
 */
export function waive(gates: readonly GateInput[], plan: WaivablePlan): WaivedGates {
  const set_aside: string[] = []
  const judged = gates.map((gate): GateInput => {
    const { check, requirement } = gate
    if (requirement !== 'required' || !isWaived(check.check_name, plan)) return gate
    if (!(check.ran && check.status === 'passed')) set_aside.push(check.check_name)
    return { check, requirement: 'advisory' }
  })
  return { gates: judged, set_aside }
}

function isWaived(gate: string, { action, before, skips }: WaivablePlan): boolean {
  return skips.some((skip) => {
    if (skip === 'skip_smoke_tests') return action === 'promote' && gate === `${before}_smoke_tests`
    if (skip === 'override_freeze') return action !== 'rollback' && gate === 'freeze_window'
    return skip === 'break_glass' && emergencyGates(action, before).includes(gate)
  })
}

function emergencyGates(action: PlanAction, before: string | null): string[] {
  if (action === 'promote')
    return [
      'freeze_window',
      ...(before === null ? [] : [`runs_on_${before}`, `${before}_smoke_tests`]),
    ]
  return action === 'rollback' ? ['verified_here', 'release_not_held'] : []
}

/** What the approver and the caller read first. */
export function waiverWarnings(
  skips: readonly string[],
  set_aside: readonly string[],
  reason: string | null,
): string[] {
  const why = oneLine(reason ?? 'no reason given', 200)
  const gates = set_aside.length === 0 ? 'no gate that would block it' : set_aside.join(', ')
  if (skips.includes('break_glass'))
    return [`BREAK GLASS: goes around ${gates}; a review is owed afterwards: ${why}`]
  if (!skips.includes('override_freeze')) return []
  const frozen = set_aside.includes('freeze_window')
  return [`${frozen ? 'goes into a freeze' : 'would go into a freeze, and none is open'}: ${why}`]
}
