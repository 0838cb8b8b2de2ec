import { z } from 'zod'
import { approversSection } from './schema-approvals.ts'
import { githubTarget } from './schema-github.ts'
import {
  commandLine,
  httpUrl,
  innerDirectory,
  jsonPath,
  path,
  seconds,
  stepName,
  urlOrPath,
  urlPath,
  variableName,
} from './schema-parts.ts'

const requirement = z.enum(['required', 'advisory', 'off'])

const checks = z.strictObject({
  git_ref_valid: requirement
    .default('required')
    .describe('The ref names one commit that is reachable from the default branch.'),
  tests_passed: requirement.default('required').describe('Every command of `tests` succeeds.'),
  security_scan: requirement
    .default('required')
    .describe('Findings stay within `security.thresholds`.'),
  migrations_safe: requirement
    .default('advisory')
    .describe('Migrations can run while the old release still serves.'),
  environment_config: requirement.default('advisory').describe('`variables` are as they must be.'),
  docker_images: requirement.default('advisory').describe('Images of the release exist.'),
  preflight: requirement
    .default('required')
    .describe('The workflow that would be started really deploys here (`pipeline: github`).'),
  changes_reviewed: requirement
    .default('advisory')
    .describe('Every commit since what runs came through an approved pull request (GitHub).'),
  environment_protection: requirement
    .default('advisory')
    .describe('The environment is protected on GitHub: reviewers, and branches that may deploy.'),
  freeze_window: requirement.default('required').describe('No window of `freeze` is open.'),
  environment_lock: requirement
    .default('advisory')
    .describe('Nobody else is deploying here. Said by validation; a write looks for itself.'),
  clock_skew: requirement
    .default('advisory')
    .describe("This machine's clock and GitHub's agree to within a minute."),
})

const variableRule = z.strictObject({
  required: z.boolean().default(true).describe('The variable must have a value.'),
  min_length: z.int().min(0).default(0).describe('Least number of characters.'),
  format: z
    .enum(['text', 'url', 'integer', 'boolean', 'origins'])
    .default('text')
    .describe('What the value must be; `origins`: a comma-separated list, as for CORS.'),
  must_be: z
    .enum(['on', 'off', 'any'])
    .default('any')
    .describe('For switches such as DEBUG: `true`, `1`, `on`, `yes`, or their opposites.'),
  wildcard: z
    .enum(['auto', 'allowed', 'refused'])
    .default('auto')
    .describe('Whether `origins` may be `*`; `auto` refuses it in the last environment.'),
  forbidden: z.array(z.string()).default([]).describe('Known default values that are refused.'),
  in: z
    .enum(['any', 'secret', 'variable', 'local'])
    .default('any')
    .describe(
      'Where it must be: a secret or a variable on GitHub, or `local`: in `env`, `env_file` or `pass_env`. `any`: a secret or a variable with `pipeline: github`, else `local`.',
    ),
})

const step = z.strictObject({
  name: stepName.describe('Unique over `prepare` and `activate`.'),
  run: commandLine.describe('Program and arguments; there is no shell.'),
  directory: innerDirectory.default('.').describe('Relative to the release directory.'),
  timeout_seconds: seconds(600).describe('The step fails when it takes longer.'),
})

const localTarget = z.strictObject({
  directory: path.describe(
    'Holds `releases/` and the `current` link. Environments never share one, nor nest.',
  ),
  prepare: z
    .array(step)
    .default([])
    .describe('Run in the new release directory before it becomes current.'),
  activate: z
    .array(step)
    .default([])
    .describe('Run in the new release directory after `current` points to it.'),
  keep_releases: z
    .int()
    .min(2)
    .default(5)
    .describe('Release directories kept on disk. A rollback makes a new one.'),
})

const version = z
  .strictObject({
    url: httpUrl.optional().describe('Absolute URL, when it is another host; else use `path`.'),
    path: urlPath.optional().describe("Path below the environment's `url`."),
    json_path: jsonPath.describe('Dot-separated path to the version or commit in the answer.'),
  })
  .refine((value) => (value.url === undefined) !== (value.path === undefined), {
    error: 'must have either url or path',
  })
  .meta({ oneOf: [{ required: ['url'] }, { required: ['path'] }] })

/** One entry of `environments`. */
export const environmentSection = z.strictObject({
  url: httpUrl
    .optional()
    .describe('Base URL of the live system; no two environments share host and port.')
    .meta({ shown_default: 'nothing is asked of it' }),
  health: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, { error: 'must be lower-case, such as api' }),
      urlOrPath,
    )
    .default({})
    .describe('Component (`api`, `database`, `redis`, ...) to its health path or URL.'),
  version: version.optional().describe('Where the live system says what it runs.'),
  checks: checks
    .prefault({})
    .describe('What each check must be before a deployment; `off` is said in every plan.'),
  approval: z
    .enum(['required', 'none'])
    .optional()
    .describe("Whether a deployment needs a person's signature.")
    .meta({ shown_default: '`required` for the last environment, else `none`' }),
  least_level: z
    .enum(['L0', 'L1', 'L2'])
    .default('L0')
    .describe('Least assurance level of an approval; `approvals.mode: strict` makes it L1.'),
  approvers: approversSection.prefault({}).describe('Whose consent a deployment here wants.'),
  verify: z
    .enum(['basic', 'full', 'off'])
    .optional()
    .describe('Smoke suite that decides whether a deployment succeeded.')
    .meta({ shown_default: '`basic` when `smoke.basic` has steps, else `off`' }),
  variables: z
    .record(variableName, variableRule.prefault({}))
    .default({})
    .describe('What the variables of a deployment must look like. Values are never shown.'),
  env: z
    .record(variableName, z.string({ error: 'must be text: put the value in quotes' }))
    .default({})
    .describe('Literal variables of the steps; nothing secret.'),
  pass_env: z
    .array(
      variableName.refine((name) => !isOwnSecret(name), {
        error: "must not be one of gonogo's own variables",
      }),
    )
    .default([])
    .describe("Names taken over from gonogo's environment; wins over `env_file` and `env`."),
  env_file: path
    .optional()
    .describe('KEY=VALUE file read when a run starts; wins over `env`. The place for secrets.'),
  local: localTarget.optional().describe('How the `local` pipeline deploys here.'),
  github: githubTarget.optional().describe('What the `github` pipeline starts for it.'),
})

function isOwnSecret(name: string): boolean {
  return /^(?:GITHUB_TOKEN|DEPLOYMENT_ADMIN_TOKENS|GONOGO_.*)$/i.test(name)
}
