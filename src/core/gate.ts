import type { Check, Requirement } from './check.ts'

/** A check and what policy demands of it. */
export interface GateInput {
  check: Check
  requirement: Requirement
}

export interface Verdict {
  go: boolean
  /** One line per reason, each naming the check and how to get it. */
  blockers: string[]
  /** What the caller and the approver must know although it does not block. */
  warnings: string[]
}

/**
 * The gate: go only if every required check ran and passed. A check that was skipped, by flag or
 * for want of configuration, never satisfies a required gate.
 */
export function decide(inputs: readonly GateInput[]): Verdict {
  const blockers: string[] = []
  const warnings: string[] = []
  for (const { check, requirement } of inputs) {
    const line = `${check.check_name}: ${check.message}`
    if (requirement === 'off') warnings.push(`${check.check_name} is off by configuration`)
    else if (check.status === 'passed' && check.ran) continue
    else if (requirement === 'required') blockers.push(line)
    else warnings.push(line)
  }
  return { go: blockers.length === 0, blockers, warnings }
}
