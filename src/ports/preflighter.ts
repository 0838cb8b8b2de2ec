import type { PreflightReport } from '../core/preflight.ts'

/** Works out what starting a workflow would do, from its text. Never starts anything. */
export interface Preflighter {
  /** Never fails for what a workflow contains: syntax errors are findings, the rest is `unknown`. */
  examine(request: PreflightRequest): Promise<PreflightReport>
}

export interface PreflightRequest {
  /** Path in the repository, such as `.github/workflows/cd.yml`. */
  file: string
  text: string
  /** Reads another file of the same commit (local reusable workflows); null when there is none. */
  readFile(path: string): Promise<string | null>
  event: string
  inputs: Record<string, string>
  /** Full ref the workflow is started on, such as `refs/heads/main`. */
  ref: string
  /** `owner/name`; empty when unknown. */
  repository: string
  /** The environment that is to be deployed to; null: any. */
  environment: string | null
  /** The job that deploys there although it names no environment; absent or null: those that name it. */
  job?: string | null
  defaultBranch: string
  /** `vars` of the repository and its organization, where they are known; absent: unknown. */
  variables?: Record<string, string>
  /** What the platform says of its environments, where somebody asked; absent: unknown. */
  environments?: PlatformEnvironment[]
  /** The login that would start it; null when unknown. */
  actor: string | null
}

/** An environment as the platform protects it. */
export interface PlatformEnvironment {
  name: string
  /** Logins and teams whose review it wants; empty: none. */
  reviewers: string[]
  /** Who starts a run may not review it. */
  preventsSelfReview: boolean
  waitMinutes: number
  /** `all`: any branch may deploy there. */
  branches: 'all' | 'protected' | 'selected'
  /** Absent: the platform does not say. */
  adminsMayBypass?: boolean
}
