import type { JobOutcome } from '../hub.ts'
import type { JobSpec, StepSpec, Workflow } from './workflow.ts'

/** A run with all its attempts, as the stand-in keeps it. Times are milliseconds of its clock. */
export interface RunState {
  id: number
  number: number
  workflow: Workflow
  workflowId: number
  event: string
  /** `refs/heads/main` */
  ref: string
  defaultBranch: string
  sha: string
  commit: { message: string; author: string; email: string; date: string; tree: string }
  title: string
  actor: string
  inputs: Record<string, unknown>
  createdAt: number
  updatedAt: number
  /** Left out of listings until then. */
  hiddenUntil: number
  logsExpired: boolean
  artifacts: Artifact[]
  attempts: Attempt[]
  approvals: Approval[]
}

/** What a run uploaded; later attempts keep it. */
export interface Artifact {
  id: number
  name: string
  content: Uint8Array
  createdAt: number
  expired: boolean
}

export interface Attempt {
  number: number
  actor: string
  startedAt: number
  status: Status
  conclusion: Conclusion | null
  cancelled: boolean
  /** The name of the group that it holds or waits for. */
  group: string | null
  graph: Graph
  jobs: JobState[]
}

/** The jobs of one workflow file: of the run, or of a workflow that a job calls. */
export interface Graph {
  workflow: Workflow
  inputs: Record<string, unknown>
  /** `caller / ` in front of names. */
  prefix: string
  nodes: Node[]
}

/** A job of the file; a matrix makes several jobs of it, a call a graph. */
export interface Node {
  spec: JobSpec
  result: Result | null
  outputs: Record<string, string>
  jobs: JobState[]
  called: Graph | null
  started: boolean
}

export type Result = 'success' | 'failure' | 'cancelled' | 'skipped'
export type Status = 'queued' | 'pending' | 'waiting' | 'in_progress' | 'completed'
export type Conclusion = Result | 'timed_out' | 'startup_failure'

export interface JobState {
  id: number
  attempt: number
  spec: JobSpec
  name: string
  matrix: Record<string, unknown>
  graph: Graph
  node: Node
  status: Status
  conclusion: Conclusion | null
  createdAt: number
  startedAt: number
  completedAt: number | null
  environment: string | null
  environmentUrl: string | null
  deployment: DeploymentState | null
  waitingFor: Gate | null
  group: string | null
  steps: StepState[]
  /** Ends what the job runs for real. */
  abort: AbortController
  /** True when steps were run for real: then they say themselves how they went. */
  executed: boolean
  logs: StepLog[]
  outputs: Record<string, string>
  /** Its check run; null before there is one. */
  checkRun: number | null
}

export interface StepState {
  number: number
  name: string
  spec: StepSpec | null
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: Result | null
  startedAt: number | null
  completedAt: number | null
}

export interface StepLog {
  step: number
  text: string
}

/** Why a job waits for its environment. */
export interface Gate {
  environment: string
  needsReview: boolean
  timerEnds: number
  since: number
}

export interface Approval {
  environments: string[]
  state: 'approved' | 'rejected'
  login: string
  comment: string
}

export interface DeploymentState {
  id: number
  environment: string
  ref: string
  sha: string
  task: string
  description: string | null
  payload: unknown
  creator: string
  transient: boolean
  production: boolean
  createdAt: number
  updatedAt: number
  statuses: DeploymentStatus[]
}

export interface DeploymentStatus {
  id: number
  state: string
  creator: string
  description: string
  logUrl: string
  environmentUrl: string
  createdAt: number
}

export type Outcome = JobOutcome
