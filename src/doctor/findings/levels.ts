import { leastLevel, meetsLevel, type AssuranceLevel } from '../../core/approval.ts'
import type { Environment } from '../../core/project.ts'
import type { Call } from '../../ports/context.ts'
import { reachedLevel } from '../../tools/support/level.ts'
import { fail, ok, warn, type Finding } from '../finding.ts'
import type { ApproverKey } from './approver-keys.ts'

const fix = 'set gonogo up for level L1: docs/security.md, "How to reach L1"'

/** What an approval of this environment would really be worth, against what policy wants. */
export async function levelFinding(
  call: Call,
  { name, least_level }: Environment,
  keys: readonly ApproverKey[],
): Promise<Finding[]> {
  const { mode } = call.project.approvals
  const wanted = leastLevel(mode, least_level)
  const reached = await Promise.all(keys.map((key) => levelOfKey(call, key)))
  const byToken = call.adminTokens.length > 0 && mode === 'standard' ? 1 : 0
  const levels: AssuranceLevel[] = [...reached, ...(byToken ? (['L0'] as const) : [])]
  const best = levels.toSorted().at(-1)
  const why = wanted === least_level ? 'least_level wants' : 'approvals.mode: strict wants'
  // That nobody can approve is a finding of its own.
  if (best === undefined) return []
  if (!meetsLevel(best, wanted)) {
    const message = `${name} can never be approved here: ${why} ${wanted}, best reachable is ${best}`
    return [fail('level_reached', message, fix)]
  }
  const each = keys.map(({ approver }, index) => `${approver.name} ${reached[index]}`).join(', ')
  const told = `${name}: an approval reaches ${best} here (${each || 'static token L0'})`
  if (best !== 'L0') return [ok('level_reached', `${told}; ${wanted} is wanted`)]
  const holds = 'it stops mistakes and an assistant that has MCP only, not one with a shell'
  return [warn('level_reached', `${told}: ${holds}`, fix)]
}

/** Computed by what decides when an approval is used; a touch is taken for granted here. */
async function levelOfKey(call: Call, { approver }: ApproverKey): Promise<AssuranceLevel> {
  return await reachedLevel(call, approver, approver.protection === 'hardware')
}
