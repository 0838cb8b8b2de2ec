import { holdingPolicy } from '../../core/base-policy.ts'
import type { Environment } from '../../core/project.ts'
import type { Call } from '../../ports/context.ts'

/** What holds for a call about an environment. */
export interface UnderBasePolicy {
  /** The call with the project as it holds: thresholds, freeze windows, custom checks. */
  call: Call
  environment: Environment
  /** What was to be lowered and was not, and what could not be compared. */
  warnings: string[]
  /** Why nothing may go on: the branch demands what this configuration cannot satisfy. Else null. */
  problem: string | null
}

/**
 * The stricter of two policies: the one of this process, and the one on the branch that releases come from.
 * So no change of the configuration lowers the gate it has to pass itself.
 */
export async function underBasePolicy(
  call: Call,
  environment: Environment,
): Promise<UnderBasePolicy> {
  const own = { call, environment, warnings: [], problem: null }
  const base = (await call.basePolicy?.()) ?? null
  if (base === null) return own
  if (base.project === null) {
    const text = `gonogo.yaml of ${base.branch} is not compared: ${base.problem ?? ''}`
    return { ...own, warnings: [text] }
  }
  const { branch, project } = base
  const held = holdingPolicy(call.project, environment, { branch, project })
  return {
    call: { ...call, project: held.project },
    environment: held.environment,
    warnings: held.lowered,
    problem: held.unmet.length === 0 ? null : held.unmet.join('; '),
  }
}
