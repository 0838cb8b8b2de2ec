/** What GitHub answers, as far as it is read here. Ids are strings: the client makes them so. */

export interface WorkflowRun {
  id: string
  html_url: string
  event: string
  /** Any text: new ones appear without notice. */
  status: string | null
  conclusion: string | null
  run_attempt?: number
  /** When this attempt began. */
  run_started_at?: string
  head_sha: string
  display_title: string
  created_at: string
  actor?: Account | null
  triggering_actor?: Account | null
}

export interface Account {
  login: string
  /** `User`, `Bot`, ... */
  type: string
}

export interface WorkflowJob {
  id: string
  run_attempt?: number
  name: string
  status: string
  conclusion: string | null
  started_at: string | null
  completed_at: string | null
  steps?: WorkflowStep[]
}

export interface WorkflowStep {
  name: string
  number: number
  status: string
  conclusion: string | null
  started_at?: string | null
  completed_at?: string | null
}
