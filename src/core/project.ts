import type { Requirement, CheckName } from './check.ts'
import type { AssuranceLevel } from './approval.ts'
import type { Thresholds } from './finding.ts'

/** The effective configuration as plain data: what `config` produces and every room reads. */
export interface Project {
  name: string
  /** Absolute path of the git repository. */
  repository: string
  /** The branch releases must be reachable from; null: the repository's own HEAD branch. */
  default_branch: string | null
  /** Absolute path, private to the user: store, runs, logs. */
  state_directory: string
  /** Absolute path of the audit log. */
  audit_log: string
  pipeline: 'local' | 'github' | null
  /** Null unless the pipeline is `github`. */
  github: GitHubSettings | null
  /** In order of promotion: the last one is production, the one before it staging. */
  environments: Environment[]
  approvals: ApprovalPolicy
  /** How old stored evidence may be, in hours. */
  evidence_hours: number
  tests: TestCommand[]
  security: SecurityPolicy
  smoke: SmokeSuites
  /** Repository named by GITHUB_REPOSITORY, `owner/name`; recorded only. */
  github_repository: string | null
  /** Where the configuration came from; null when only environment variables were used. */
  config_file: string | null
}

export interface Environment {
  name: string
  /** Base URL of the live system; null: nothing can be asked of it. */
  url: string | null
  /** Health endpoints by component (api, database, redis, celery_worker, ...): absolute URLs. */
  health: Record<string, string>
  /** Where the live system says what it runs. `json_path` is dot-separated. */
  version: { url: string; json_path: string } | null
  checks: Record<CheckName, Requirement>
  approval: 'required' | 'none'
  least_level: AssuranceLevel
  /** Suite that decides whether a deployment succeeded; `off` is said in every plan. */
  verify: 'basic' | 'full' | 'off'
  variables: Record<string, VariableRule>
  /** Literal variables of the environment's steps. */
  env: Record<string, string>
  /** Names taken over from gonogo's own environment. */
  pass_env: string[]
  /** Absolute path of a KEY=VALUE file, read when a run starts; null for none. */
  env_file: string | null
  local: LocalTarget | null
  github: GitHubTarget
}

/** How gonogo reaches GitHub and what it dispatches there. */
export interface GitHubSettings {
  /** `owner/name`; null: the remote of the git repository says it. */
  repository: string | null
  /** Base URL of the REST API, such as `https://api.github.com`. The token goes to this host only. */
  api_url: string
  /** File name in `.github/workflows`. */
  workflow: string
  /** Branch whose copy of the workflow is started; null: the default branch. */
  ref: string | null
  /** Program that prints a token; null: GITHUB_TOKEN. */
  token_command: string[] | null
  app: { id: string; installation_id: string; private_key_file: string } | null
  /** Input of the workflow to what it gets: `{{environment}}`, `{{version}}`, `{{sha}}`, `{{deployment_id}}`, `{{approval}}`, `{{action}}`. */
  inputs: Record<string, string>
  /** Job that verifies the approval's signature before anything is deployed. */
  approval_job: string
}

/** What an environment is called on GitHub. */
export interface GitHubTarget {
  /** Name of the GitHub environment. */
  environment: string
  /** Another workflow than the project's; null: the same. */
  workflow: string | null
  /** Job whose outcome is the deployment's; null: the one that names the environment. */
  job: string | null
  /** Added to the project's inputs, or in their place. */
  inputs: Record<string, string>
}

/** The shape an environment variable must have. Values are checked and never shown. */
export interface VariableRule {
  required: boolean
  min_length: number
  format: 'text' | 'url' | 'integer'
  /** Values that are known defaults and therefore refused. */
  forbidden: string[]
}

export interface LocalTarget {
  /** Absolute path; holds `releases/` and the `current` link. */
  directory: string
  /** Run in the new release directory, before it becomes current. */
  prepare: Step[]
  /** Run in the new release directory after `current` points to it. */
  activate: Step[]
  keep_releases: number
}

/** One command: an argument vector, never a shell line. */
export interface Step {
  name: string
  run: string[]
  /** Relative to the release directory. */
  directory: string
  timeout_seconds: number
}

export interface TestCommand {
  name: string
  run: string[]
  directory: string
  timeout_seconds: number
}

export interface ApprovalPolicy {
  /** `strict`: L1 or more and no static tokens. */
  mode: 'standard' | 'strict'
  /** Absolute path of the allowed-signers file. */
  signers_file: string
  validity_minutes: number
  /** Whether a human may approve their own request; `auto`: only while there is one approver. */
  self_approval: 'auto' | 'allowed' | 'forbidden'
}

export interface SecurityPolicy {
  thresholds: Thresholds
  /** Registry that `npm audit` asks; null: npm's own configuration. */
  npm_registry: string | null
}

export interface SmokeSuites {
  basic: SmokeStep[]
  /** Run after the basic ones when the full suite is asked for. */
  full: SmokeStep[]
}

/** One HTTP request and what its answer must be. `{{name}}` inserts a captured or `env.` value. */
export interface SmokeStep {
  name: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'
  /** Path below the environment's URL. */
  path: string
  headers: Record<string, string>
  /** Sent as JSON when present. */
  body: unknown
  expect: {
    status: number
    headers: Record<string, string>
    /** Dot-separated path to the expected value. */
    json: Record<string, unknown>
  }
  /** Name to dot-separated path in the JSON answer. */
  capture: Record<string, string>
  follow_redirects: boolean
  timeout_seconds: number
}

/** The environment of a name, or undefined. */
export function findEnvironment(project: Project, name: string): Environment | undefined {
  return project.environments.find((environment) => environment.name === name)
}

/** The last environment: the one `promote_to_production` writes to. */
export function productionOf(project: Project): Environment | undefined {
  return project.environments.at(-1)
}

/** The environment before the last one: the one `deploy_to_staging` writes to. */
export function stagingOf(project: Project): Environment | undefined {
  return project.environments.at(-2)
}

/** The environment a release must be proven in before it may enter `name`. */
export function predecessorOf(project: Project, name: string): Environment | undefined {
  const index = project.environments.findIndex((environment) => environment.name === name)
  return index > 0 ? project.environments[index - 1] : undefined
}
