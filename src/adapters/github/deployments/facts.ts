/** What was read of GitHub's records, as plain data that can be kept. Times are milliseconds. */

/** One entry of GitHub's list of deployments with what its statuses said. */
export interface DeploymentFacts {
  id: string
  /** Name of the GitHub environment. */
  environment: string
  sha: string
  ref: string
  creator: string | null
  /** The deployment id in its payload, when some gonogo made it. */
  gonogo: string | null
  /** The run and the job that its statuses link to; null when they link to none. */
  run_id: string | null
  job_id: string | null
  state: DeploymentState
  created_at: number
  updated_at: string
  ended_at: number | null
}

/** `silent`: nobody said anything about it yet. */
export type DeploymentState =
  | 'silent'
  | 'queued'
  | 'waiting'
  | 'in_progress'
  | 'success'
  | 'failure'
  | 'inactive'

/** A run with the jobs of all its attempts. */
export interface RunFacts {
  id: string
  /** The latest. */
  attempt: number
  /** File of the workflow in the repository. */
  path: string
  event: string
  head_sha: string
  head_branch: string | null
  /** Untrusted. */
  title: string
  /** Who started the first attempt, and who the latest. */
  starter: string | null
  actor: string | null
  completed: boolean
  conclusion: string | null
  created_at: number
  jobs: JobFacts[]
}

export interface JobFacts {
  id: string
  attempt: number
  /** Untrusted. */
  name: string
  /** Null until it is completed. */
  conclusion: string | null
  waiting: boolean
  /** Whether any of it was carried out. */
  began: boolean
  started_at: number | null
  ended_at: number | null
}

/** What the text of a workflow says, as far as it decides what was deployed. */
export interface WorkflowFacts {
  /** Inputs that may say which commit is deployed. */
  version_inputs: string[]
  /** Jobs that name an environment. */
  jobs: DeployJob[]
  /** Titles of jobs that are not called by their id, by that id. */
  titles: Readonly<Record<string, string>>
}

export interface DeployJob {
  id: string
  /** What its title begins with; null when that cannot be known. */
  title: string | null
  /** Name of its environment; null for an expression. */
  environment: string | null
  needs: string[]
}

/** True when nothing about it will change any more. */
export function isOver({ state }: DeploymentFacts): boolean {
  return state === 'success' || state === 'failure' || state === 'inactive'
}
