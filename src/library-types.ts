/// <reference lib="esnext.disposable" preserve="true" />
import type * as z from 'zod'
import type { Principal } from './core/principal.ts'
import type { Tool } from './tools/define-tool.ts'
import type { deployToStaging } from './tools/deploy-to-staging.ts'
import type { getDeploymentStatus } from './tools/get-deployment-status.ts'
import type { listDeployments } from './tools/list-deployments.ts'
import type { promoteToProduction } from './tools/promote-to-production.ts'
import type { rollbackDeployment } from './tools/rollback-deployment.ts'
import type { runSecurityScan } from './tools/run-security-scan.ts'
import type { runSmokeTests } from './tools/run-smoke-tests.ts'
import type { validateDeployment } from './tools/validate-deployment.ts'

/** What a tool takes: its schema, with defaults still to be filled in. */
export type InputOf<T extends Tool> = z.input<T['input']>

/** What a tool answers. */
export type OutputOf<T extends Tool> = z.output<T['output']>

/** How a project is opened. Everything has a default. */
export interface GonogoOptions {
  /**
   * Directory that holds `gonogo.yaml`. Default: GONOGO_PROJECT of `env`, else the current directory
   * or the nearest one above it, as on the command line.
   */
  project?: string
  /**
   * On whose behalf the program acts. It is a claim and proves nothing; it is written into every
   * record. Default: `automation` with the name of the operating-system user.
   *
   * - `automation`: a program that does what somebody wrote. The name is compared with the approver's:
   *   where people may not approve their own requests, the approver `ada` may not approve what
   *   `automation:ada` asked for. Name the person you act for, if there is one.
   * - `agent`: a model chooses what is called. The records say so, and no person is taken for it.
   * - `human`: refused unless a person is at the terminal (stdin and stderr) and the name is the
   *   operating-system user's own. Nothing is easier for a `human`; it only says who was there.
   *
   * An approval belongs to the requester it was made for: the same kind and name must call again.
   *
   * With GONOGO_TOKEN or GONOGO_TOKEN_FILE in `env` the token's name takes the place of `name`, and its
   * role says which functions may be called (docs/tokens.md).
   */
  principal?: Principal
  /** Variables for configuration and secrets, inherited by keepers. Default: `process.env`. */
  env?: Readonly<Record<string, string | undefined>>
  /** Refuses every write, dry runs too, with `read_only`; also starts no keeper. Default: false. */
  readOnly?: boolean
  /**
   * Milliseconds until validation, scan and smoke tests answer `pending: true` and go on working; the
   * same call joins them. Default: Infinity, which waits for the result.
   */
  waitMs?: number
  /** Hears what long work does: a message, and where known how much of how much is done. */
  onProgress?: (message: string, done?: number, total?: number) => void
}

export interface CallOptions {
  /**
   * Ends the waiting, never the work: a deployment that was started goes on. A call that has no
   * result by then rejects with `interrupted`; one that started a deployment still answers its id.
   */
  signal?: AbortSignal
}

export interface FollowOptions extends CallOptions {
  /** Milliseconds; after them the iteration rejects with `pending`. Default: 30 minutes. */
  timeoutMs?: number
  /** Milliseconds between two looks. Default: 1000, and 2000 on GitHub. */
  intervalMs?: number
}

/**
 * The tools as functions, typed by the schemas that MCP and the command line use, and running the same
 * code: gates, approvals, locks and the audit log are not bypassed. docs/tools.md says what each field
 * means; names ending in `_ms`, `_seconds` and `_minutes` are in that unit, times are RFC 3339 in UTC.
 *
 * They reject with `Failure` and nothing else: `code` to decide on, `message`, `hint` with the next
 * command, `retryable`. Among the codes of all of them are `invalid_input`, `invalid_configuration`,
 * `unknown_version`, `store_unavailable`, `audit_unavailable` and `interrupted`. A no-go is no
 * failure: look at `valid`, `passed` and `status`.
 *
 * There is no function that approves, rejects or registers approvers. A person does that with
 * `gonogo approve` and a key of their own. A program that could would let whatever drives it, an
 * assistant for one, approve what it asked for itself.
 */
export interface Gonogo extends AsyncDisposable {
  /**
   * Runs the checks a commit must pass before it may enter an environment, and keeps the results as
   * evidence. `valid` is null in a dry run; `blockers` says why it is false.
   * Rejects with `unknown_environment` too.
   */
  validateDeployment(
    input: InputOf<typeof validateDeployment>,
    options?: CallOptions,
  ): Promise<OutputOf<typeof validateDeployment>>
  /** Scans a commit for secrets and vulnerable dependencies. An engine that could not run blocks. */
  runSecurityScan(
    input: InputOf<typeof runSecurityScan>,
    options?: CallOptions,
  ): Promise<OutputOf<typeof runSecurityScan>>
  /**
   * Starts a deployment to the environment before production; `follow` its `deployment_id`, which is
   * null unless `status` is `queued` or `in_progress`. `blocked` comes with `blockers`.
   * Rejects with `no_pipeline_configured`, `environment_busy`, `invalid_approval`, `read_only` too.
   */
  deployToStaging(
    input: InputOf<typeof deployToStaging>,
    options?: CallOptions,
  ): Promise<OutputOf<typeof deployToStaging>>
  /** Sends the configured requests to a live environment. Rejects with `unknown_environment` too. */
  runSmokeTests(
    input: InputOf<typeof runSmokeTests>,
    options?: CallOptions,
  ): Promise<OutputOf<typeof runSmokeTests>>
  /**
   * Deploys what staging has proven to production. Where an approval is wanted it answers
   * `waiting_approval`: show a person `approval.command`, and call again with `approval.id` as
   * `approval_token` until the status is another one. Rejects as `deployToStaging` does;
   * `invalid_approval` when the request expired, was rejected, or the plan changed since.
   */
  promoteToProduction(
    input: InputOf<typeof promoteToProduction>,
    options?: CallOptions,
  ): Promise<OutputOf<typeof promoteToProduction>>
  /**
   * Puts the last verified release back, with the same consent as a promotion; `follow` its
   * `rollback_id`. Rejects with `no_rollback_target` too.
   */
  rollbackDeployment(
    input: InputOf<typeof rollbackDeployment>,
    options?: CallOptions,
  ): Promise<OutputOf<typeof rollbackDeployment>>
  /** Where one deployment stands, with the health of now. Rejects with `unknown_deployment` too. */
  getDeploymentStatus(
    input: InputOf<typeof getDeploymentStatus>,
    options?: CallOptions,
  ): Promise<OutputOf<typeof getDeploymentStatus>>
  /** Deployments, newest first: of every environment and at most 10 unless told otherwise. */
  listDeployments(
    input?: InputOf<typeof listDeployments>,
    options?: CallOptions,
  ): Promise<OutputOf<typeof listDeployments>>
  /**
   * The status of a deployment again and again until it has ended; the last answer says how
   * (`deployment.status`). Leaving the loop leaves the deployment alone. Rejects with `pending` when
   * the time is up, with `interrupted` when `signal` aborts, and as `getDeploymentStatus` does.
   */
  follow(
    deploymentId: string,
    options?: FollowOptions,
  ): AsyncIterable<OutputOf<typeof getDeploymentStatus>>
  /**
   * Ends the programs that work for calls (tests, scanners), waits for the calls, closes the store.
   * Deployments go on: others than this process carry them out. Calls after it reject.
   */
  close(): Promise<void>
}
