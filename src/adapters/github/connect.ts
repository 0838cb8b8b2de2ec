import type { BaseFile } from '../../core/base-policy.ts'
import type { GitHubSettings, Project } from '../../core/project.ts'
import type { CommitRecords } from '../../ports/commit-records.ts'
import type { Pipeline } from '../../ports/pipeline.ts'
import type { Processes } from '../../ports/process.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { Source } from '../../ports/source.ts'
import type { TestReports } from '../../ports/test-reports.ts'
import { readBaseFile } from './base-file.ts'
import { createGitHubClient } from './client/client.ts'
import { createCommitRecords } from './commit-records.ts'
import { createGitHubPipeline } from './pipeline.ts'
import { createGitHubSource } from './source.ts'
import { createPreflighter } from './workflow/preflighter.ts'

/** What a project on GitHub has there. */
export interface GitHubConnection {
  pipeline: Pipeline
  commitRecords: CommitRecords
  source: Source
  /** Reads the first of these files that the default branch has. */
  baseFile: (paths: readonly string[]) => Promise<BaseFile | null>
}

export interface GitHubConnectionDeps {
  project: Project
  settings: GitHubSettings
  /** GITHUB_TOKEN; null when it is not set. */
  token: string | null
  /** Told every token that comes from elsewhere: it is a secret from then on. */
  onToken: (token: string) => void
  /** All secrets that are known by now. */
  secrets: () => readonly string[]
  /** The commits that are on this machine already. */
  contents: Source
  processes: Pick<Processes, 'run'>
  runtime: Runtime
  /** For what runs on GitHub uploaded about their tests. */
  reports: TestReports
  /** What git and the token command see. */
  commandEnv: Record<string, string>
  /** Where proxies are named. */
  env: Readonly<Record<string, string | undefined>>
  /** Ends what only reads. */
  shutdown: AbortSignal
  version: string
}

/** GitHub behind the ports. Nothing is asked before the first request. */
export function connectGitHub(deps: GitHubConnectionDeps): GitHubConnection {
  const { project, settings, runtime } = deps
  const { state_directory: stateDirectory, repository, environments, default_branch } = project
  const client = createGitHubClient({ ...deps, stateDirectory, repository })
  return {
    baseFile: (paths) => readBaseFile(client, paths),
    source: createGitHubSource({
      client,
      contents: deps.contents,
      defaultBranch: default_branch,
      stateDirectory,
    }),
    commitRecords: createCommitRecords({
      client,
      repository: settings.repository ?? 'GitHub',
      branch: default_branch,
      runtime,
      reports: deps.reports,
      stateDirectory,
    }),
    pipeline: createGitHubPipeline({
      client,
      settings,
      environments,
      stateDirectory,
      runtime,
      preflighter: createPreflighter(),
      secrets: deps.secrets,
    }),
  }
}
