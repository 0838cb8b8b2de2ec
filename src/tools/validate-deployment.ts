import * as z from 'zod'
import { skipped, type Check } from '../core/check.ts'
import { toFailure } from '../core/failure.ts'
import { decide, type GateInput, type Verdict } from '../core/gate.ts'
import type { Environment } from '../core/project.ts'
import type { Call } from '../ports/context.ts'
import type { CheckRunner, CheckSubject } from './checks/check-runner.ts'
import { runnersFor } from './checks/index.ts'
import { defineTool, pendingFields } from './define-tool.ts'
import { environmentNamed } from './support/environments.ts'
import { planOf } from './support/plan-for.ts'
import type { Planned } from './support/planned.ts'
import { reasonToSkip, runChecks, type RunCheck } from './support/run-checks.ts'
import {
  allowOlderInput,
  checkOutput,
  dryRunInput,
  environmentInput,
  gitRefInput,
  strings,
} from './support/schemas.ts'
import { subjectOf, type Subject } from './support/subject.ts'
import { timestamp } from './support/time.ts'
import { recordValidated } from './support/validated-plan.ts'

const input = z.object({
  environment: environmentInput,
  git_ref: gitRefInput.describe('Branch, tag or commit'),
  dry_run: dryRunInput.describe('Only say what would be run'),
  skip_tests: z.boolean().default(false),
  skip_security_scan: z.boolean().default(false),
  allow_older: allowOlderInput,
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
    plan_hash: z.string().optional(),
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
  const { git_ref, allow_older: allowOlder } = args
  if (args.dry_run) return await foresee(args, environment, call)
  const subject = await subjectOf(call, { environment, git_ref, allowOlder })
  const ran = await runChecks(subject, args, subject.call)
  const { plan_hash, gates, blockers, warnings } = await conclude(call, subject, ran)
  const ended = call.runtime.now()
  return {
    ...nothingYet(args),
    sha: subject.release.sha,
    ...(plan_hash !== null && { plan_hash }),
    valid: blockers.length === 0,
    checks: gates.map(({ check }) => check),
    blockers,
    warnings,
    validated_at: timestamp(ended),
    validation_duration_ms: ended - started,
  }
}

interface Conclusion extends Omit<Verdict, 'go'> {
  /** Null without a plan: nothing deploys this project, or none could be made. */
  plan_hash: string | null
  gates: GateInput[]
}

/** Ends in a plan, and keeps it when it is a go: what is deployed later is held against it. */
async function conclude(call: Call, subject: Subject, ran: RunCheck[]): Promise<Conclusion> {
  const planned = await planIn(subject, ran)
  if (planned === null || 'problem' in planned) {
    const gates = [...ran, ...subject.gates]
    const { blockers, warnings } = decide(gates)
    const unplanned = planned === null ? [] : [`plan: ${planned.problem}`]
    const all = [...warnings, ...subject.warnings]
    return { plan_hash: null, gates, blockers: [...blockers, ...unplanned], warnings: all }
  }
  const aside = ran.filter((one) => one.aside)
  const beside = decide(aside)
  const blockers = [...planned.verdict.blockers, ...beside.blockers]
  if (blockers.length === 0) await recordValidated(call, planned)
  const warnings = [...planned.plan.warnings, ...beside.warnings]
  return { plan_hash: planned.hash, gates: [...planned.gates, ...aside], blockers, warnings }
}

/** Null where nothing deploys; a plan that cannot be made is no reason to keep the checks back. */
async function planIn(
  subject: Subject,
  ran: readonly RunCheck[],
): Promise<Planned | { problem: string } | null> {
  if (subject.call.pipeline === null) return null
  const checks = ran
    .filter(({ aside }) => !aside)
    .map(({ check, requirement }) => ({ check, requirement }))
  return await planOf(subject, checks).catch((error: unknown) => ({
    problem: toFailure(error).message,
  }))
}

async function foresee(args: Input, environment: Environment, call: Call) {
  const started = call.runtime.now()
  const release = await call.source.resolve(args.git_ref)
  const subject = { environment, release, allowOlder: args.allow_older }
  const gates = runnersFor(call, environment).map((runner) => ({
    check: foreseen(runner, subject, args, call),
    requirement: runner.requirement(environment),
  }))
  return {
    ...nothingYet(args),
    sha: release.sha,
    checks: gates.map(({ check }) => check),
    warnings: decide(gates).warnings,
    validation_duration_ms: call.runtime.now() - started,
  }
}

function foreseen(
  runner: CheckRunner,
  subject: Omit<CheckSubject, 'now'>,
  args: Input,
  call: Call,
): Check {
  const reason = reasonToSkip(runner, subject.environment, args)
  if (reason !== null) return skipped(runner.name, reason)
  const { runs, text } = runner.foresee(subject, call)
  return skipped(runner.name, `dry run, would ${text}`, { would_run: runs })
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
