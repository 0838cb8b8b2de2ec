import type { Requirement, CheckName } from './check.ts'
import type { AssuranceLevel } from './approval.ts'
import type { CustomCheck } from './custom-check.ts'
import type { Thresholds } from './finding.ts'
import type { FreezeWindow } from './freeze.ts'
import type { ImageRule } from './image.ts'
import type { MigrationFramework } from './migration.ts'
import type { SmokeSuites } from './smoke.ts'

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
  migrations: MigrationSettings
  images: ImageRule[]
  freeze: FreezeWindow[]
  audit: AuditPolicy
  notifications: NotificationTarget[]
  callers: CallerPolicy
  custom_checks: CustomCheck[]
  validation: ValidationLimits
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
  approvers: ApproverRule
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
  /** Whether the lock of an environment is also a ref on GitHub; `auto`: where the token may write refs. */
  lock: 'auto' | 'required' | 'off'
  tests: PlatformTests
}

/** Tests that run on the platform, by name: what `tests_passed` looks at besides the required checks. */
export interface PlatformTests {
  suites: PlatformSuite[]
  /** How long a validation waits for tests that still run. */
  wait_seconds: number
}

export interface PlatformSuite {
  /** What it is called in results: `backend`. */
  name: string
  /** File name in `.github/workflows`. */
  workflow: string
  /** Name of the job as the platform shows it; null: the whole run counts. */
  job: string | null
  /** Artifact of the run that holds JUnit XML; null: tests are not counted from one. */
  junit_artifact: string | null
  /** Check run whose title tells counts; null: none does. */
  counts_check: string | null
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
  format: 'text' | 'url' | 'integer' | 'boolean' | 'origins'
  /** For switches such as DEBUG. */
  must_be: 'on' | 'off' | 'any'
  /** Whether a list of origins may be `*`; `auto`: not in the last environment. */
  wildcard: 'auto' | 'allowed' | 'refused'
  /** Values that are known defaults and therefore refused. */
  forbidden: string[]
  /** Where it has to be; `any`: where the deployment gets it from. `local`: `env`, `env_file`, `pass_env`. */
  in: 'any' | 'secret' | 'variable' | 'local'
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
  /** Where it writes JUnit XML, relative to its directory, perhaps with wildcards; null: nowhere. */
  junit: string | null
}

/** Where the migrations are. */
export interface MigrationSettings {
  /** Relative to the root of the tree; empty: they are looked for. */
  paths: string[]
  /** Null: told by what the files look like. */
  framework: MigrationFramework | null
}

export interface ValidationLimits {
  /** How long one check may take. */
  check_timeout_seconds: number
  /** How long all of them together may take. */
  timeout_seconds: number
}

export interface ApprovalPolicy {
  /** `strict`: L1 or more and no static tokens. */
  mode: 'standard' | 'strict'
  /** Absolute path of the allowed-signers file. */
  signers_file: string
  /** Path of that list on the repository's default branch, read through the platform; null: `signers_file` counts. */
  signers_in_repository: string | null
  /** Where people may approve with a login of the platform: in an issue that gonogo opens. */
  github: 'off' | 'issues'
  /** Who is one person: by signer, by login, by operating-system user. Others are who they are named. */
  people: Record<string, PersonIdentities>
  /** Name of a group to the people in it. */
  groups: Record<string, string[]>
  /** How long a break-glass approval may be used. */
  break_glass_minutes: number
}

/** What one person is known by. */
export interface PersonIdentities {
  signers: string[]
  github: string[]
  users: string[]
}

/** Whose consent an environment wants. */
export interface ApproverRule {
  /** How many different people have to approve. */
  count: number
  /** People and groups whose word counts; empty: every approver's. */
  people: string[]
  /** Whether people approve what they asked for; `auto`: only while one approval is wanted of one approver. */
  self_approval: 'auto' | 'allowed' | 'forbidden'
  /** How long a request, and the approval of it, may be used. */
  validity_minutes: number
  /** Whether an approver has to say why. */
  reason: 'required' | 'optional'
}

/** How the audit log is sealed, anchored, rotated and copied. */
export interface AuditPolicy {
  /** A checkpoint is signed after so many lines, and after so many minutes with a new line. */
  checkpoint: { lines: number; minutes: number }
  /** Absolute path of the Ed25519 key that signs checkpoints; made on first use. */
  key_file: string
  anchors: {
    /** On each deployment's record on GitHub. */
    github_deployment: boolean
    /** A ref on GitHub, such as `refs/gonogo/audit`; null for none. */
    git_ref: string | null
    /** Absolute path of a file, best one that others own; null for none. */
    file: string | null
    /** Standard error of the process that signed it. */
    stderr: boolean
  }
  /** A log that has grown to so many megabytes goes on in a new file; null: never. */
  rotate_mb: number | null
  /** Where each line is copied to. */
  streams: AuditStream[]
}

export type AuditStream =
  | { kind: 'file'; path: string }
  /** RFC 5424 over UDP or TCP. */
  | { kind: 'syslog'; host: string; port: number; protocol: 'udp' | 'tcp' }
  /** JSON lines by POST. The variable holds the secret that signs the requests; null: unsigned. */
  | { kind: 'webhook'; url: string; secret_env: string | null }

/** Somebody who wants to hear what happens. Addresses and secrets are in variables, never in the file. */
export interface NotificationTarget {
  name: string
  kind: 'webhook' | 'slack' | 'teams'
  /** Variable that holds the address. */
  url_env: string
  /** Variable that holds the secret a webhook is signed with; null: unsigned. */
  secret_env: string | null
  /** Hosts the address may be on. */
  hosts: string[]
  events: NotificationEvent[]
}

export const notificationEvents = [
  'approval_requested',
  'approval_decided',
  'deployment_started',
  'deployment_ended',
  'line_stopped',
  'break_glass',
  'token_refused',
  'audit_unavailable',
] as const
export type NotificationEvent = (typeof notificationEvents)[number]

/** Who may call. */
export interface CallerPolicy {
  /** `required`: a call without a token of `gonogo token create` is refused. */
  token: 'optional' | 'required'
}

export interface SecurityPolicy {
  thresholds: Thresholds
  /** Which findings the thresholds are for: all, or those that the environment does not run already. */
  count: 'all' | 'new'
  /** Registry that `npm audit` asks; null: npm's own configuration. */
  npm_registry: string | null
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
