import * as z from 'zod'
import { couldNotRun, skipped, type Check } from '../core/check.ts'
import { toFailure } from '../core/failure.ts'
import { decide, type Verdict } from '../core/gate.ts'
import type { Call } from '../ports/context.ts'
import { runnersFor } from './checks/index.ts'
import type { CheckRunner, CheckSubject } from './checks/check-runner.ts'
import { defineTool, pendingFields } from './define-tool.ts'
import { environmentNamed } from './support/environments.ts'
import { freshEvidence, record } from './support/evidence.ts'
import {
  checkOutput,
  dryRunInput,
  environmentInput,
  gitRefInput,
  strings,
} from './support/schemas.ts'
import { timestamp } from './support/time.ts'

const input = z.object({
  environment: environmentInput,
  git_ref: gitRefInput.describe('Branch, tag or commit'),
  dry_run: dryRunInput.describe('Only say what would be run'),
  skip_tests: z.boolean().default(false),
  skip_security_scan: z.boolean().default(false),
})

type Input = z.output<typeof input>

/** Runs every check for one commit and one environment and keeps the results as evidence. */
export const validateDeployment = defineTool({
  name: 'validate_deployment',
  title: 'Validate a deployment',
  toolset: 'core',
  effect: 'probe',
  description:
    'Run the checks a commit must pass before it may enter an environment. Call first. ' +
    'A skipped check never satisfies a required gate.',
  input,
  output: z.object({
    valid: z.boolean().nullable(),
    environment: z.string(),
    git_ref: z.string(),
    sha: z.string().optional(),
    checks: z.array(checkOutput),
    blockers: strings,
    warnings: strings,
    validated_at: z.string().nullable(),
    validation_duration_ms: z.number(),
    ...pendingFields,
  }),
  run: validate,
  environment: (args) => args.environment,
  pending: (args) => ({ ...nothingYet(args), validation_duration_ms: 0 }),
  summarize: (output) => {
    if (output.pending) return 'Still validating: call again with the same arguments.'
    const what = `${output.git_ref} for ${output.environment}`
    if (output.valid === null) return `Dry run: nothing was checked for ${what}.`
    return output.valid ? `GO: ${what} is valid.` : `NO-GO: ${what}: ${output.blockers.join('; ')}`
  },
})

async function validate(args: Input, call: Call) {
  const started = call.runtime.now()
  const environment = environmentNamed(call.project, args.environment)
  const release = await call.source.resolve(args.git_ref)
  const subject: CheckSubject = { environment, release }
  const checks: Check[] = []
  const runners = runnersFor(call)
  for (const [index, runner] of runners.entries()) {
    call.progress(runner.name, index, runners.length)
    checks.push(await runCheck(runner, subject, args, call))
  }
  const verdict = decideOver(runners, checks, subject)
  const ended = call.runtime.now()
  return {
    ...nothingYet(args),
    sha: release.sha,
    valid: args.dry_run ? null : verdict.go,
    checks,
    blockers: args.dry_run ? [] : verdict.blockers,
    warnings: verdict.warnings,
    validated_at: args.dry_run ? null : timestamp(ended),
    validation_duration_ms: ended - started,
  }
}

function nothingYet(args: Input) {
  const { environment, git_ref } = args
  const none: string[] = []
  return {
    valid: null,
    environment,
    git_ref,
    checks: [],
    blockers: none,
    warnings: none,
    validated_at: null,
  }
}

function decideOver(
  runners: readonly CheckRunner[],
  checks: readonly Check[],
  { environment }: CheckSubject,
): Verdict {
  return decide(
    runners.map((runner, index) => ({
      check: checks[index]!,
      requirement: environment.checks[runner.name],
    })),
  )
}

async function runCheck(
  runner: CheckRunner,
  subject: CheckSubject,
  args: Input,
  call: Call,
): Promise<Check> {
  const reason = reasonToSkip(runner, subject, args)
  if (reason) return skipped(runner.name, reason)
  if (args.dry_run) return foreseen(runner, subject, call)
  const stored = runner.repeatable ? await storedPass(runner, subject, call) : null
  return stored ?? (await runAndRecord(runner, subject, call))
}

function foreseen(runner: CheckRunner, subject: CheckSubject, call: Call): Check {
  const { runs, text } = runner.foresee(subject, call)
  return skipped(runner.name, `dry run, would ${text}`, { would_run: runs })
}

/** A pass of the same commit and commands; its age stays that of the run it comes from. */
async function storedPass(
  runner: CheckRunner,
  { release }: CheckSubject,
  call: Call,
): Promise<Check | null> {
  const key = runner.evidenceKey?.(call) ?? null
  if (key === null) return null
  const about = { check_name: runner.name, sha: release.sha, environment: null }
  const evidence = await freshEvidence(call, { ...about, subject: key })
  if (evidence?.check.status !== 'passed') return null
  const message = `${evidence.check.message} (recorded ${timestamp(evidence.recorded_at)})`
  return { ...evidence.check, message, duration_ms: 0 }
}

async function runAndRecord(
  runner: CheckRunner,
  subject: CheckSubject,
  call: Call,
): Promise<Check> {
  const started = call.runtime.now()
  const requirement = subject.environment.checks[runner.name]
  const result = await runner
    .run(subject, call)
    .catch((error: unknown) => couldNotRun(runner.name, requirement, toFailure(error).message))
  const check = { ...result, duration_ms: call.runtime.now() - started }
  const key = runner.evidenceKey?.(call) ?? null
  if (key !== null) {
    const about = { sha: subject.release.sha, environment: null, deployment_id: null }
    await record(call, check, { ...about, subject: key })
  }
  return check
}

function reasonToSkip(runner: CheckRunner, subject: CheckSubject, args: Input): string | null {
  if (subject.environment.checks[runner.name] === 'off') return 'off by configuration'
  if (runner.name === 'tests_passed' && args.skip_tests) return 'skipped by skip_tests'
  if (runner.name === 'security_scan' && args.skip_security_scan) {
    return 'skipped by skip_security_scan'
  }
  return null
}
