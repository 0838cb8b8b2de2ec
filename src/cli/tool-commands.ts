import type { Tool } from '../tools/define-tool.ts'

/** How a tool is called on the command line. Kept apart from the tools, so that `--help` loads none. */
export interface ToolCommand {
  command: string
  tool: string
  /** The tool itself: its schema is paid for by the command that was typed, and by no other. */
  load: () => Promise<Tool>
  summary: string
  /** Inputs given by position, in order; the rest are flags. */
  positionals: readonly string[]
  /** What each input is, in the help. */
  inputs: Readonly<Record<string, string>>
  examples: readonly string[]
}

const environment = 'name of an environment, such as staging'
const gitRef = 'branch, tag or commit'
const allowOlder = 'mean an older commit than the one that runs'
const overrideFreeze = 'go into a freeze: wants --reason, and a person to approve it'
const dryRun = 'say what would be done, and do nothing'
const approvalToken = 'id of an approved request (apr_…); a static token: GONOGO_APPROVAL_TOKEN'

export const toolCommands: readonly ToolCommand[] = [
  {
    command: 'validate',
    tool: 'validate_deployment',
    load: async () => (await import('../tools/validate-deployment.ts')).validateDeployment,
    summary: 'run the checks a commit must pass before it may enter an environment',
    positionals: ['environment', 'git_ref'],
    inputs: {
      environment: environment,
      git_ref: gitRef,
      skip_tests: 'leave the tests out: never satisfies a required check',
      skip_security_scan: 'leave the scan out: never satisfies a required check',
      allow_older: allowOlder,
      dry_run: dryRun,
    },
    examples: ['gonogo validate staging main', 'gonogo validate production v1.4.0 --json'],
  },
  {
    command: 'scan',
    tool: 'run_security_scan',
    load: async () => (await import('../tools/run-security-scan.ts')).runSecurityScan,
    summary: 'scan a commit for secrets and vulnerable dependencies',
    positionals: ['git_ref'],
    inputs: {
      git_ref: gitRef,
      scan_dependencies: 'leave the dependencies out',
      scan_code: 'leave the code out',
      scan_secrets: 'leave the secrets out',
      dry_run: dryRun,
    },
    examples: ['gonogo scan main', 'gonogo scan v1.4.0 --no-scan-dependencies'],
  },
  {
    command: 'smoke',
    tool: 'run_smoke_tests',
    load: async () => (await import('../tools/run-smoke-tests.ts')).runSmokeTests,
    summary: 'ask a live environment what the configured smoke tests ask',
    positionals: ['environment'],
    inputs: {
      environment: environment,
      test_suite: 'which requests',
      timeout_seconds: 'limit for the whole suite, 30 to 1800',
      exchange: 'show what a failing step sent and got, secrets masked',
      dry_run: dryRun,
    },
    examples: [
      'gonogo smoke staging',
      'gonogo smoke staging --exchange',
      'gonogo smoke production --test-suite full --junit smoke.xml',
    ],
  },
  {
    command: 'deploy',
    tool: 'deploy_to_staging',
    load: async () => (await import('../tools/deploy-to-staging.ts')).deployToStaging,
    summary: 'deploy a validated commit to staging',
    positionals: ['git_ref'],
    inputs: {
      git_ref: gitRef,
      allow_older: allowOlder,
      override_freeze: overrideFreeze,
      reason: 'why; kept in the record and shown to who approves',
      approval_token: approvalToken,
      dry_run: dryRun,
    },
    examples: ['gonogo deploy main --yes --watch', 'gonogo deploy main --dry-run'],
  },
  {
    command: 'promote',
    tool: 'promote_to_production',
    load: async () => (await import('../tools/promote-to-production.ts')).promoteToProduction,
    summary: 'put what staging runs into production, once a person approved the plan',
    positionals: ['staging_version'],
    inputs: {
      staging_version: 'what staging runs: version, tag or commit',
      approval_token: approvalToken,
      skip_smoke_tests: 'waive the proof from staging, never the verification afterwards',
      allow_older: allowOlder,
      override_freeze: overrideFreeze,
      break_glass: 'emergency: no proof from staging and no freeze; wants --reason, owes a review',
      reason: 'why; kept in the record and shown to who approves',
      dry_run: dryRun,
    },
    examples: [
      'gonogo promote v1.4.0 --key ~/.ssh/id_ed25519',
      'gonogo promote v1.4.0 --key ~/.ssh/id_ed25519 --confirm production --watch',
      'gonogo promote v1.4.0 --approval-token apr_…',
      'gonogo promote v1.4.1 --break-glass --reason "login is down"',
    ],
  },
  {
    command: 'rollback',
    tool: 'rollback_deployment',
    load: async () => (await import('../tools/rollback-deployment.ts')).rollbackDeployment,
    summary: 'put the last verified release back',
    positionals: ['environment'],
    inputs: {
      environment: environment,
      reason: 'what went wrong; kept in the record',
      target_version: 'another verified release than the last one',
      break_glass: 'emergency: also to a release held or never verified here; owes a review',
      approval_token: approvalToken,
      dry_run: dryRun,
    },
    examples: ['gonogo rollback production --reason "errors after v1.4.0"'],
  },
  {
    command: 'status',
    tool: 'get_deployment_status',
    load: async () => (await import('../tools/get-deployment-status.ts')).getDeploymentStatus,
    summary: 'show one deployment, its checks, its last log lines and the health of now',
    positionals: ['deployment_id'],
    inputs: {
      deployment_id: 'as gonogo list shows it',
      checks: 'every check with all it saw, those that let it through, too',
    },
    examples: ['gonogo status dep_… --watch', 'gonogo status dep_… --checks --json'],
  },
  {
    command: 'list',
    tool: 'list_deployments',
    load: async () => (await import('../tools/list-deployments.ts')).listDeployments,
    summary: 'list deployments, newest first',
    positionals: [],
    inputs: {
      environment: environment,
      limit: 'how many, 1 to 100',
      include_failed: 'leave out what failed, was cancelled or has an unknown outcome',
    },
    examples: ['gonogo list --environment production --limit 5'],
  },
]

/** Tools whose command starts something that can be followed with --watch. */
export const startingTools: ReadonlySet<string> = new Set([
  'deploy_to_staging',
  'promote_to_production',
  'rollback_deployment',
])
