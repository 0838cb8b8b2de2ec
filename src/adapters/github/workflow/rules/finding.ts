import type { Place, Workflow } from '../model.ts'
import type { PreflightFinding, PreflightSeverity, RuleContext } from '../rule.ts'

/** Where a finding is: a file and a place in it; without a place it is about the whole file. */
export interface Spot {
  workflow: Workflow
  place?: Place | null
}

/** A finding of a rule. Of another file than the one that is examined, its message says so. */
export function finding(
  { workflow: examined }: RuleContext,
  rule: string,
  severity: PreflightSeverity,
  { workflow, place }: Spot,
  told: { message: string; fix: string },
): PreflightFinding {
  const where = workflow.file === examined.file ? '' : `in ${workflow.file}: `
  const { line, column } = place ?? { line: 0, column: 0 }
  return { rule, severity, line, column, message: `${where}${told.message}`, fix: told.fix }
}
