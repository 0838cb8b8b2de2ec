import { z } from 'zod'
import { commandLine, path, stepName } from './schema-parts.ts'

const jobId = z.string().regex(/^[A-Za-z_][\w-]{0,99}$/, {
  error: 'must be the id of a job, such as deploy',
})

const workflowFile = z.string().regex(/^\w[\w.-]{0,99}\.ya?ml$/, {
  error: 'must be the name of a file in .github/workflows, such as cd.yml',
})

/** What an input can be given; rules-github.ts tells a misspelt one. */
export const inputPlaceholders = [
  'environment',
  'version',
  'sha',
  'deployment_id',
  'approval',
  'action',
] as const

const inputs = z.record(
  z.string().regex(/^[A-Za-z_][\w-]{0,99}$/, { error: 'must be the name of an input' }),
  z.string({ error: 'must be text: put the value in quotes' }),
)

/** Where GitHub's REST API can be; a token must not travel in the clear. */
function apiUrlProblem(text: string): string | null {
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol)) return 'must be an https URL'
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return 'must have no user name, password, query or fragment'
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  if (url.protocol === 'http:' && !isLoopback)
    return 'must be https: a token would travel in the clear'
  if (isLoopback || isPublicApi(url) || /^\/api\/v3\/?$/.test(url.pathname)) return null
  return 'must be https://api.github.com, https://api.NAME.ghe.com or https://HOST/api/v3'
}

function isPublicApi({ hostname, pathname }: URL): boolean {
  return /^api\.(?:github\.com|[a-z0-9-]+\.ghe\.com)$/.test(hostname) && pathname === '/'
}

const app = z.strictObject({
  id: idText(/^[A-Za-z0-9.]{1,60}$/, 'number or client id of the App').describe(
    'Its number or its client id.',
  ),
  installation_id: idText(/^\d{1,20}$/, 'number of the installation').describe(
    'Number of its installation.',
  ),
  private_key_file: path.describe('PEM file of its private key, readable by nobody else.'),
})

function idText(pattern: RegExp, what: string) {
  const error = `must be the ${what}, in quotes`
  return z.string({ error }).regex(pattern, { error })
}

const testSuite = z.strictObject({
  name: stepName.describe('What results call it, such as `backend`; unique among the suites.'),
  workflow: workflowFile.describe('Workflow that runs it: its file name.'),
  job: stepName
    .optional()
    .describe(
      'Name of the job as GitHub shows it. With a matrix, or more than one of that name, all must have passed.',
    )
    .meta({ shown_default: 'the whole run counts' }),
  junit_artifact: stepName
    .optional()
    .describe('Artifact of that run with JUnit XML in it; its tests are counted.')
    .meta({ shown_default: 'none: tests are not counted from an artifact' }),
  counts_check: stepName
    .optional()
    .describe(
      'Check run of that commit whose title tells how many tests passed, as actions that publish test results write it.',
    )
    .meta({ shown_default: 'none' }),
})

const tests = z.strictObject({
  suites: z
    .array(testSuite)
    .max(20)
    .default([])
    .describe('Must have passed for exactly the commit, besides the checks the branch requires.'),
  wait_seconds: z
    .int()
    .min(0)
    .max(7200)
    .default(0)
    .describe('How long a validation waits for tests that still run.'),
})

/** The `github` section. */
export const githubSection = z.strictObject({
  repository: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/, { error: 'must be owner/name' })
    .optional()
    .describe('Repository on GitHub, `owner/name`.')
    .meta({ shown_default: '`GITHUB_REPOSITORY`, else the remote `origin`' }),
  api_url: z
    .string()
    .superRefine((text, context) => {
      const message = apiUrlProblem(text)
      if (message !== null) context.addIssue({ code: 'custom', message })
    })
    .default('https://api.github.com')
    .describe(
      'REST API: `https://api.github.com`, `https://api.NAME.ghe.com` or `https://HOST/api/v3`. The token goes to this host only.',
    ),
  workflow: workflowFile.default('cd.yml').describe('Workflow that is started: its file name.'),
  ref: z
    .string()
    .regex(/^(?![-/])(?!refs\/)[^\s~^:?*[\\\p{C}]{1,200}$/u, {
      error: 'must be the name of a branch, such as main',
    })
    .meta({ pattern: '^[^-/\\s][^\\s]*$' })
    .optional()
    .describe('Branch whose copy of the workflow is started.')
    .meta({ shown_default: "the repository's default branch" }),
  token_command: commandLine
    .optional()
    .describe('Program that prints a token, such as `[gh, auth, token]`; there is no shell.')
    .meta({ shown_default: '`GITHUB_TOKEN`' }),
  app: app.optional().describe('GitHub App to act as, in the place of a token.'),
  inputs: inputs
    .default({})
    .describe(
      `Input of the workflow to its text. ${inputPlaceholders.map((name) => `\`{{${name}}}\``).join(', ')} insert what is known of the deployment. What the workflow declares under one of these names need not be listed.`,
    ),
  approval_job: jobId
    .default('approval')
    .describe("Job that verifies the approval's signature before anything is deployed."),
  lock: z
    .enum(['auto', 'required', 'off'])
    .default('auto')
    .describe(
      'Whether the lock of an environment is also a ref on GitHub, so that machines with stores of their own exclude each other; `auto`: where the token may write refs (`contents: write`).',
    ),
  tests: tests
    .prefault({})
    .describe('Tests that run on GitHub, for `tests_passed`. They count where `tests` is empty.'),
})

/** `environments.<name>.github`. */
export const githubTarget = z.strictObject({
  environment: z
    .string()
    .regex(/^(?=\S)(?!.*\p{C})[^\p{Zl}\p{Zp}]{1,255}(?<=\S)$/u, {
      error: 'must be the name of a GitHub environment',
    })
    .meta({ pattern: '^\\S(?:.{0,253}\\S)?$' })
    .optional()
    .describe('Name of the GitHub environment; no two environments share one.')
    .meta({ shown_default: 'the name of the environment' }),
  workflow: workflowFile
    .optional()
    .describe('Another workflow than `github.workflow`.')
    .meta({ shown_default: '`github.workflow`' }),
  job: jobId
    .optional()
    .describe("Job whose outcome is the deployment's.")
    .meta({ shown_default: 'the one that names the GitHub environment' }),
  inputs: inputs.default({}).describe('Added to `github.inputs`, or in their place.'),
})
