import { skipped, type Check } from '../../core/check.ts'
import type { GateInput } from '../../core/gate.ts'
import type { Environment } from '../../core/project.ts'
import type { Call } from '../../ports/context.ts'
import type { CheckRunner, CheckSubject } from '../checks/check-runner.ts'
import { runnersFor } from '../checks/index.ts'
import { freshEvidence, record } from './evidence.ts'
import { runWithinLimit } from './gates.ts'
import { timestamp } from './time.ts'

/** What the caller leaves out. */
export interface Left {
  skip_tests: boolean
  skip_security_scan: boolean
}

/** A check that was run, or why it was not. */
export interface RunCheck extends GateInput {
  /** It is told by validations only, and is no part of a plan. */
  aside: boolean
}

/** Runs every check there is something to look at for, all at once, each and all within their limits. */
export async function runChecks(
  subject: CheckSubject,
  left: Left,
  call: Call,
): Promise<RunCheck[]> {
  const runners = runnersFor(call, subject.environment)
  const given = AbortSignal.timeout(call.project.validation.timeout_seconds * 1000)
  const over = new AbortController()
  const total = AbortSignal.any([given, over.signal])
  const waiting = new Set(runners.map(({ name }) => name))
  const tell = () => call.progress(atWork(waiting), runners.length - waiting.size, runners.length)
  tell()
  try {
    return await Promise.all(
      runners.map(async (runner) => {
        const requirement = runner.requirement(subject.environment)
        const check = await runCheck(runner, { subject, left, total }, call)
        waiting.delete(runner.name)
        if (waiting.size > 0) tell()
        return { requirement, check, aside: runner.onlyInValidation === true }
      }),
    )
  } finally {
    // Where one result cannot be kept there is no answer, so the others need not go on.
    over.abort()
  }
}

/** What a person waits for. */
function atWork(names: ReadonlySet<string>): string {
  return `at work: ${[...names].join(', ')}`
}

async function runCheck(
  runner: CheckRunner,
  { subject, left, total }: { subject: CheckSubject; left: Left; total: AbortSignal },
  call: Call,
): Promise<Check> {
  const reason = reasonToSkip(runner, subject.environment, left)
  if (reason !== null) return skipped(runner.name, reason)
  const stored = runner.repeatable ? await storedPass(runner, subject, call) : null
  return stored ?? (await runAndRecord(runner, subject, call, total))
}

/** Why a check is left out, or null. */
export function reasonToSkip(
  runner: CheckRunner,
  environment: Environment,
  left: Left,
): string | null {
  if (runner.requirement(environment) === 'off') return 'off by configuration'
  if (runner.name === 'tests_passed' && left.skip_tests) return 'skipped by skip_tests'
  if (runner.name === 'security_scan' && left.skip_security_scan) {
    return 'skipped by skip_security_scan'
  }
  return null
}

/** A pass of the same commit and commands; its age stays that of the run it comes from. */
async function storedPass(
  runner: CheckRunner,
  subject: CheckSubject,
  call: Call,
): Promise<Check | null> {
  const key = runner.evidenceKey?.(call, subject) ?? null
  if (key === null) return null
  const about = { check_name: runner.name, sha: subject.release.sha, environment: null }
  const evidence = await freshEvidence(call, { ...about, subject: key })
  if (evidence?.check.status !== 'passed') return null
  // Not in the details: the log names them by their hash, which is that of the stored ones.
  const message = `${evidence.check.message} (recorded ${timestamp(evidence.recorded_at)})`
  return { ...evidence.check, message, duration_ms: 0 }
}

async function runAndRecord(
  runner: CheckRunner,
  subject: CheckSubject,
  call: Call,
  total: AbortSignal,
): Promise<Check> {
  const check = await runWithinLimit(runner, { ...subject, mayWait: true }, call, total)
  const key = runner.evidenceKey?.(call, subject) ?? null
  if (key !== null) {
    const about = { sha: subject.release.sha, environment: null, deployment_id: null }
    await record(call, check, { ...about, subject: key })
  }
  return check
}
