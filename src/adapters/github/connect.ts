import type { BaseFile } from '../../core/base-policy.ts'
import type { Environment, GitHubSettings, Project } from '../../core/project.ts'
import type { CommitRecords } from '../../ports/commit-records.ts'
import type { Pipeline } from '../../ports/pipeline.ts'
import type { PlatformApprovals } from '../../ports/platform-approvals.ts'
import type { Processes } from '../../ports/process.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { BranchFile } from '../../ports/signer.ts'
import type { Source } from '../../ports/source.ts'
import type { TestReports } from '../../ports/test-reports.ts'
import { createPlatformApprovals } from './approvals/platform-approvals.ts'
import { verifiesConsent } from './approvals/verifies-consent.ts'
import { readBaseFile } from './base-file.ts'
import { branchReach } from './branch-reach.ts'
import { createGitHubClient } from './client/client.ts'
import { createCommitRecords } from './commit-records.ts'
import type { GitHubPipelineDeps } from './deps.ts'
import { defaultBranchOf } from './default-branch.ts'
import { createGitHubPipeline } from './pipeline.ts'
import { readSigners } from './signers.ts'
import { createGitHubSource } from './source.ts'
import { createPreflighter } from './workflow/preflighter.ts'

/** What a project on GitHub has there. */
export interface GitHubConnection {
  pipeline: Pipeline
  commitRecords: CommitRecords
  source: Source
  /** Reads the first of these files that the default branch has. */
  baseFile: (paths: readonly string[]) => Promise<BaseFile | null>
  /** Why this token could change that branch by itself; null when it cannot. */
  baseReach: () => Promise<string | null>
  /** Null where nobody is asked in issues. */
  platformApprovals: PlatformApprovals | null
  /** The list of approvers as the default branch has it. */
  signersFile: (path: string) => Promise<BranchFile>
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
  const pipelineDeps = {
    client,
    settings,
    project,
    environments,
    stateDirectory,
    runtime,
    preflighter: createPreflighter(),
    secrets: deps.secrets,
  }
  const firsthand = client.firsthand()
  return {
    signersFile: (path) => readSigners(firsthand, path),
    platformApprovals: platformApprovalsOf({ ...pipelineDeps, client: firsthand }),
    baseFile: (paths) => readBaseFile(firsthand, paths),
    baseReach: async () => branchReach(firsthand, await defaultBranchOf(firsthand)),
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
    pipeline: createGitHubPipeline(pipelineDeps),
  }
}

function platformApprovalsOf(deps: GitHubPipelineDeps): PlatformApprovals | null {
  if (deps.project.approvals.github === 'off') return null
  const verifies = (environment: Environment) => verifiesConsent(deps, environment)
  return createPlatformApprovals({ ...deps, verifiesConsent: verifies })
}
