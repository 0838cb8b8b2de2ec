/**
 * A stand-in for GitHub: a real HTTP server over a real bare git repository. What it answers is checked
 * against GitHub's own published description, and so is what it is asked.
 */
export interface Hub {
  /** Base URL of the REST API: `http://127.0.0.1:PORT`, with `/api/v3` as GHES. */
  readonly apiUrl: string
  /** The repository it serves, `owner/name`. */
  readonly repository: string
  /** Token of a machine user, `gonogo-bot`, that may do everything but review. */
  readonly token: string
  /** Makes another login and its token. */
  person(login: string, permissions?: 'write' | 'read'): string
  readonly clock: HubClock
  /** Every request in order; `counted` is false for a 304 to an authorized request. */
  readonly requests: readonly RecordedRequest[]
  /** Faults still to happen; each is used up unless it says how often. */
  readonly faults: Fault[]
  /** What did not fit GitHub's description, requests and answers: a test ends with none. */
  readonly violations: readonly string[]
  readonly actions: HubActions
  readonly settings: HubSettings
  /** Downloads from the second origin, where logs are; never counted against the limit. */
  readonly downloads: readonly RecordedRequest[]
  /** Another token of a login that exists, until then on the hub's clock; and the end of a token. */
  issueToken(login: string, expiresAt?: number): string
  revokeToken(token: string): void
  close(): Promise<void>
}

export interface HubOptions {
  /** A bare git repository. */
  git: string
  repository?: string
  host?: 'github.com' | 'ghes'
  /** Where its clock begins, and whether it runs by itself (default) or only by `advance`. */
  clock?: { start?: number; manual?: boolean }
  /** How jobs go; default: each succeeds after a second. */
  scenario?: Scenario
}

export interface HubClock {
  now(): number
  /** Moves a manual clock on, and every run with it; resolves when all that was due has happened. */
  advance(ms: number): Promise<void>
}

export interface RecordedRequest {
  method: string
  /** Path and query. */
  path: string
  status: number
  counted: boolean
  /** Whose token; null without one. */
  login: string | null
  headers: Readonly<Record<string, string>>
  body: unknown
}

export interface Fault {
  method?: string
  path: RegExp
  /** The how-many-th match is hit, from 1; default the next. */
  nth?: number
  /** How often; default 1. */
  times?: number
  kind: FaultKind
}

export type FaultKind =
  | { type: 'status'; status: number; body?: unknown; headers?: Record<string, string> }
  | { type: 'delay'; ms: number }
  /** The connection is reset before anything happens. */
  | { type: 'reset' }
  /** The body ends after so many bytes. */
  | { type: 'cut'; after: number }
  /** It happens, and the connection is reset instead of the answer. */
  | { type: 'lose_answer' }
  /** It happens, and this is answered instead. */
  | { type: 'answer_instead'; status: number; body?: unknown }
  /** A dispatch is accepted and no run ever appears. */
  | { type: 'no_run' }
  /** The run is left out of listings for so long. */
  | { type: 'hide_run'; ms: number }
  /** Somebody else starts the same at the same moment. */
  | { type: 'duplicate_run'; login: string }

/** How one job of a run goes. */
export type Scenario = (job: ScenarioJob) => JobOutcome | Promise<JobOutcome>

export interface ScenarioJob {
  run: {
    id: string
    attempt: number
    inputs: Readonly<Record<string, string>>
    sha: string
    title: string
  }
  id: string
  name: string
  environment: string | null
  /** Its `run` steps for real, in a fresh directory, by the shell each names; the log is theirs. */
  execute(options?: ExecuteOptions): Promise<JobOutcome>
}

export interface ExecuteOptions {
  /** Commands in place of steps by name, such as the deployment itself. */
  replace?: Record<
    string,
    (env: Record<string, string>) => Promise<{ exitCode: number; log: string }>
  >
}

export interface JobOutcome {
  conclusion: 'success' | 'failure' | 'cancelled' | 'timed_out'
  /** On the hub's clock. */
  durationMs?: number
  /** By step name; a step that is not named succeeds and says so. */
  logs?: Record<string, string>
  /** The step that fails; default the last. */
  failingStep?: string
  outputs?: Record<string, string>
}

export interface HubActions {
  /** Somebody pushes, or clicks "Run workflow", without gonogo. */
  start(options: {
    workflow: string
    event: 'push' | 'workflow_dispatch'
    ref: string
    login: string
    inputs?: Record<string, string>
  }): Promise<string>
  /** Runs all jobs again as a new attempt. */
  rerun(runId: string, login: string): Promise<void>
  /** Makes logs of a run vanish, as after 90 days. */
  expireLogs(runId: string): void
  /** What a step of a run uploads, at the hub's time: the zip archive; gives its id. */
  upload(runId: string, name: string, content: Uint8Array): string
  /** As after the days of its retention. */
  expireArtifacts(runId: string): void
}

/** What an administrator sets in a browser. */
export interface HubSettings {
  variables: Record<string, string>
  /** Everybody may read it, and review. */
  isPublic: boolean
  /** Those of the organization that owns the repository; null: a person owns it. */
  organizationVariables: Record<string, string> | null
  environments: Map<string, HubEnvironment>
  /** Names of secrets: of the repository, and of the organization as far as they are given to it. */
  secrets: string[]
  organizationSecrets: string[]
  /** Requests to merge, with their reviews. */
  pulls: HubPull[]
  /** Whose login an address of a commit is. */
  logins: Map<string, string>
  /** Names that must pass on a branch: by ruleset, and by classic protection; `app`: only its results. */
  requiredChecks: Map<string, { ruleset: string[]; classic: string[]; app?: string }>
  /** Rules that a branch is changed by requests to merge only. */
  rulesets: HubRuleset[]
  /** Whether the machine user administers the repository. */
  tokenIsAdmin: boolean
  /** Login to the App that writes its comments for it. */
  writesFor: Map<string, string>
  /** Requests an hour; what is left is counted down. */
  limit: number
  /** Permissions the machine user's token lacks, such as `actions=write`. */
  missingPermissions: Set<string>
  /** Scopes of a classic token; null: a fine-grained one, which tells none. */
  scopes: string[] | null
  /** Checks by other Apps and systems, by commit. Jobs add theirs by themselves. */
  checks: Map<string, HubCheck[]>
  /** A GitHub App that is installed here, so that it can ask for tokens. */
  app: HubApp | null
  /** What the scans found; null: not enabled. Objects as GitHub writes them. */
  alerts: Record<'code-scanning' | 'dependabot' | 'secret-scanning', unknown[] | null>
  /** Versions of container packages by name, as GitHub writes them. */
  packages: Map<string, unknown[]>
}

export interface HubRuleset {
  branch: string
  /** How many people have to approve a request to merge. */
  approvals: number
  /** What the token that asks may do in spite of it. */
  bypass: 'never' | 'pull_requests_only' | 'always'
  /** Whether somebody else has to approve the last push; true when left out. */
  lastPush?: boolean
}

export interface HubCheck {
  name: string
  source: 'check_run' | 'status'
  /** Of a check run `in_progress`, or how it ended; of a status `pending`, `success`, ... */
  state: string
  /** The App that says so; default one of its own, or a person for a status. */
  app?: string
  url?: string
  /** Of a check run, as an App that publishes test results writes them. */
  title?: string
  summary?: string
}

export interface HubApp {
  id: string
  installationId: string
  /** PEM: what the App's tokens are verified with. */
  publicKey: string
  /** `acme-deployer[bot]` */
  login: string
}

export interface HubEnvironment {
  reviewers: string[]
  preventSelfReview: boolean
  waitMinutes: number
  branches: 'all' | 'protected' | string[]
  /** `NAME`, or `NAME=value`. */
  variables: string[]
  secrets: string[]
  /** Left out: GitHub does not say. */
  adminsMayBypass?: boolean
  /** Apps that have to agree. */
  apps?: string[]
}

export interface HubPull {
  number: number
  /** Null: the account is gone. */
  author: string | null
  /** What it brought to the branch, its merge included. */
  commits: string[]
  /** The commit that was merged; default the last of `commits`. */
  head?: string
  /** Default the last of `commits`. */
  mergeCommit?: string
  /** Default true. */
  merged?: boolean
  /** Oldest first; of its head where no commit is named. */
  reviews: {
    login: string | null
    state: string
    commit?: string | null
    /** Default CONTRIBUTOR. */
    association?: string
  }[]
}
