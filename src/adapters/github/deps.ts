import type { Environment, GitHubSettings, Project } from '../../core/project.ts'
import type { Preflighter } from '../../ports/preflighter.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { GitHubClient } from './client/github-client.ts'

/** What the pipeline on GitHub Actions needs. */
export interface GitHubPipelineDeps {
  client: GitHubClient
  settings: GitHubSettings
  project: Pick<Project, 'name' | 'approvals' | 'audit'>
  environments: readonly Environment[]
  /** Absolute path; what is known of runs is kept in `github/runs/` below it. */
  stateDirectory: string
  runtime: Runtime
  preflighter: Preflighter
  /** Values that must not show in what a log of GitHub says, besides what looks like a secret. */
  secrets: () => readonly string[]
}
