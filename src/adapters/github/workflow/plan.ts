import type { Job, Place, Workflow } from './model.ts'

/** What GitHub would do with a workflow for one event, as far as that can be known beforehand. */
export interface WorkflowPlan {
  /** Whether the event starts it at all; null: cannot be known. */
  starts: boolean | null
  /** Why it does not start, or why that cannot be known; null when it starts. */
  notStarted: string | null
  /** Group of the whole workflow; null: none, or it cannot be known. */
  concurrency: PlannedConcurrency | null
  /** Jobs of the file and of the local workflows it calls, needed ones first. */
  jobs: PlannedJob[]
  /** Environments whose job would run. */
  deploys: string[]
  /** What could not be worked out and may matter, one line each. */
  unknown: string[]
  /** What makes GitHub refuse to start it, beside syntax. */
  problems: PlanProblem[]
}

export interface PlanProblem extends Place {
  /** The file the place is in. */
  file: string
  message: string
  fix: string
}

export interface PlannedJob {
  /** `deploy`, `deploy (eu)` for one of a matrix, `call / deploy` within a called workflow. */
  id: string
  job: Job
  /** The file the job stands in. */
  workflow: Workflow
  /** Null: cannot be known beforehand. */
  runs: boolean | null
  /** Why, in one line. */
  reason: string
  /** The title GitHub shows; its id where that cannot be known. */
  name: string
  /** Ids of the planned jobs it waits for, direct ones only. */
  needs: string[]
  /** Null when it names none, or when the name cannot be known: then `environmentUnknown` says why. */
  environment: string | null
  environmentUnknown: string | null
  concurrency: PlannedConcurrency | null
  /** It calls a workflow that is not read: of another repository, or nobody knows how often. */
  callsElsewhere: boolean
}

export interface PlannedConcurrency {
  /** Null: cannot be known beforehand. */
  group: string | null
  /** Null: cannot be known beforehand. */
  cancelsInProgress: boolean | null
}
