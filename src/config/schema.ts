import { z } from 'zod'
import { approvalsSection } from './schema-approvals.ts'
import { auditSection } from './schema-audit.ts'
import { environmentSection } from './schema-environment.ts'
import { githubSection } from './schema-github.ts'
import { commandLine, httpUrl, identifier, innerDirectory, path } from './schema-parts.ts'
import { seconds, stepName } from './schema-parts.ts'
import { customCheck } from './schema-custom-checks.ts'
import { freezeWindow } from './schema-freeze.ts'
import { imageRule } from './schema-images.ts'
import { migrationsSection } from './schema-migrations.ts'
import { notificationTarget } from './schema-notifications.ts'
import { smokeSection } from './schema-smoke.ts'

const testCommand = z.strictObject({
  name: stepName.describe('Unique among the tests.'),
  run: commandLine.describe('Program and arguments; there is no shell.'),
  directory: innerDirectory.default('.').describe("Relative to the commit's tree."),
  timeout_seconds: seconds(600).describe('The test fails when it takes longer.'),
  junit: innerDirectory
    .optional()
    .describe(
      'JUnit XML that the command writes, relative to its directory; `*`, `**` and `?` match. Its tests are counted, and what it says failed has failed.',
    )
    .meta({ shown_default: 'none: the exit code decides, and nothing is counted' }),
})

const validation = z.strictObject({
  check_timeout_seconds: seconds(900).describe('Limit of one check; then it could not run.'),
  timeout_seconds: seconds(1800).describe('Limit of all checks of a validation together.'),
})

const security = z.strictObject({
  thresholds: z
    .strictObject({
      critical: z.int().min(0).default(0).describe('Critical findings that are tolerated.'),
      high: z.int().min(0).default(3).describe('High findings that are tolerated.'),
    })
    .prefault({})
    .describe('More findings than this block.'),
  count: z
    .enum(['all', 'new'])
    .default('all')
    .describe(
      'Findings that are counted: all, or only those that the release the environment runs does not have.',
    ),
  npm_registry: httpUrl
    .optional()
    .describe('Registry that `npm audit` asks.')
    .meta({ shown_default: "npm's own configuration" }),
})

/** `gonogo.yaml`. The reference in docs/config.md is generated from it. */
export const configSchema = z.strictObject({
  project: identifier.describe('Name of the project; every record carries it.'),
  repository: path.default('.').describe('Git repository the releases come from.'),
  default_branch: z
    .string()
    .min(1)
    .optional()
    .describe('Branch that releases must be reachable from.')
    .meta({ shown_default: "the repository's HEAD branch" }),
  state_directory: path
    .optional()
    .describe('Private directory for store, runs and logs.')
    .meta({ shown_default: '`$XDG_STATE_HOME/gonogo/<project>-<hash of the directory>`' }),
  audit_log: path
    .optional()
    .describe('Audit log, one JSON object per line.')
    .meta({ shown_default: '`audit.jsonl` in the state directory' }),
  pipeline: z
    .enum(['local', 'github'])
    .optional()
    .describe('What carries deployments out: this machine, or GitHub Actions.')
    .meta({ shown_default: 'nothing: gonogo validates and observes' }),
  github: githubSection
    .optional()
    .describe('GitHub, for `pipeline: github`. Each key has a default, so it may be left out.'),
  approvals: approvalsSection.prefault({}).describe('Who may approve, and how.'),
  callers: z
    .strictObject({
      token: z
        .enum(['optional', 'required'])
        .default('optional')
        .describe('`required`: a call without a token of `gonogo token create` is refused.'),
    })
    .prefault({})
    .describe('Who may call tools.'),
  audit: auditSection.prefault({}).describe('How the audit log is sealed, kept and copied.'),
  notifications: z
    .array(notificationTarget)
    .max(10)
    .default([])
    .describe('Who hears of what happens.'),
  evidence_hours: z
    .number()
    .positive()
    .max(8_760)
    .default(24)
    .describe('How old stored evidence may be when a promotion relies on it.'),
  tests: z.array(testCommand).default([]).describe('Commands behind the check `tests_passed`.'),
  migrations: migrationsSection
    .prefault({})
    .describe('Where the migrations are, for the check `migrations_safe`.'),
  images: z.array(imageRule).default([]).describe('Images of a release, for `docker_images`.'),
  freeze: z
    .array(freezeWindow)
    .default([])
    .describe('Times in which nothing new is deployed. Rollbacks always may be.'),
  custom_checks: z
    .array(customCheck)
    .default([])
    .describe("Checks of the project's own, run by `validate_deployment`."),
  validation: validation.prefault({}).describe('How long checks may take.'),
  security: security.prefault({}).describe('What the security scan tolerates and asks.'),
  smoke: smokeSection.prefault({}).describe('Requests that prove a live system works.'),
  environments: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, {
        error: 'is not a usable name: lower-case letters, digits, "_" and "-", at most 40',
      }),
      environmentSection,
    )
    .refine((value) => Object.keys(value).length > 0, {
      error: 'must have at least one environment',
    })
    .describe('In order of promotion: the last one is production, the one before it staging.')
    .meta({ minProperties: 1 }),
})

/** The file's content, checked and with its defaults. */
export type Config = z.output<typeof configSchema>
