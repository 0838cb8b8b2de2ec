import type { PreflightFinding } from '../../../core/preflight.ts'
import type { PreflightRequest } from '../../../ports/preflighter.ts'
import type { Workflow } from './model.ts'
import type { WorkflowPlan } from './plan.ts'

export type { PreflightFinding, PreflightSeverity } from '../../../core/preflight.ts'
export type { PlatformEnvironment, PreflightRequest } from '../../../ports/preflighter.ts'

/** One thing that can be wrong with a workflow. Pure: everything it may look at is in its context. */
export interface Rule {
  /** Stable kebab-case name. */
  name: string
  check(context: RuleContext): PreflightFinding[]
}

export interface RuleContext {
  request: PreflightRequest
  /** The file itself; called local workflows are in the plan: each planned job says its file. */
  workflow: Workflow
  plan: WorkflowPlan
}
