import { couldNotRun, failed, passed, skipped, type Check } from '../../core/check.ts'
import { toFailure } from '../../core/failure.ts'
import type { GateInput } from '../../core/gate.ts'
import { predecessorOf, type Environment } from '../../core/project.ts'
import type { Release } from '../../core/release.ts'
import { isPlainWord, oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import { runnersFor } from '../checks/index.ts'
import type { CheckRunner, CheckSubject } from '../checks/check-runner.ts'
import { freshEvidence, smokeCheckName, smokeSubject } from './evidence.ts'
import { withinLimit } from './limit.ts'
import { observe, type Observation } from './observe.ts'
import { smokeSteps } from './smoke.ts'

/** The environment before, and what it runs. */
export interface Before {
  environment: Environment
  seen: Observation
}

/** Asked once for a plan, so that its gates and what it says of that environment agree. */
export async function observeBefore(call: Call, environment: Environment): Promise<Before | null> {
  const before = predecessorOf(call.project, environment.name)
  return before ? { environment: before, seen: await observe(call, before) } : null
}

/** Every configured check of a subject: cheap ones run now, costly ones by their stored results. */
export async function configuredGates(subject: CheckSubject, call: Call): Promise<GateInput[]> {
  const runners = runnersFor(call, subject.environment).filter((runner) => !runner.onlyInValidation)
  return await Promise.all(
    runners.map(async (runner) => {
      const requirement = runner.requirement(subject.environment)
      return { requirement, check: await gateCheck(runner, subject, call) }
    }),
  )
}

async function gateCheck(runner: CheckRunner, subject: CheckSubject, call: Call): Promise<Check> {
  const { environment, release } = subject
  const requirement = runner.requirement(environment)
  if (requirement === 'off') return skipped(runner.name, 'off by configuration')
  const key = runner.evidenceKey?.(call, subject) ?? null
  if (key === null) return await runWithinLimit(runner, subject, call)
  const about = { check_name: runner.name, sha: release.sha, environment: null }
  const evidence = await freshEvidence(call, { ...about, subject: key })
  if (evidence) return evidence.check
  if (runner.affordable) return await runWithinLimit(runner, subject, call)
  const age = `${call.project.evidence_hours} h`
  const message = `no result for ${release.version} within ${age}: run validate_deployment`
  return couldNotRun(runner.name, requirement, message)
}

/** Runs a check and says how long it took; one that does not end in time could not run. */
export async function runWithinLimit(
  runner: CheckRunner,
  subject: CheckSubject,
  call: Call,
  total?: AbortSignal,
): Promise<Check> {
  const started = call.runtime.now()
  const requirement = runner.requirement(subject.environment)
  const seconds = call.project.validation.check_timeout_seconds
  const check = await withinLimit(seconds * 1000, total, (signal) =>
    runner.run(subject, call, signal),
  ).catch((error: unknown) => couldNotRun(runner.name, requirement, toFailure(error).message))
  const late = `it did not end in time: raise validation.check_timeout_seconds (now ${seconds}) or timeout_seconds`
  const result = check ?? couldNotRun(runner.name, requirement, late)
  return { ...result, duration_ms: call.runtime.now() - started }
}

/** A tag may be named so that it would do harm on a command line. */
function nameOf({ version, sha }: Release): string {
  return isPlainWord(version) ? version : sha
}

/** The release must not have been rolled back from here before. */
export async function holdGate(
  environment: Environment,
  release: Release,
  call: Call,
): Promise<GateInput> {
  const holds = await call.store.read((tables) => tables.holds.list(environment.name))
  const hold = holds.find((candidate) => candidate.sha === release.sha)
  const check = hold
    ? failed(
        'release_not_held',
        `${release.version} was rolled back here (${oneLine(hold.reason, 120)}); a person lifts the ` +
          `hold with: gonogo hold lift ${environment.name} ${nameOf(release)}`,
      )
    : passed(
        'release_not_held',
        `${release.version} was never rolled back from ${environment.name}`,
      )
  return { requirement: 'required', check }
}

/**
 * The environment before must run exactly this release and must have passed its smoke tests with it.
 * `waived`: the second half is not looked at. Whether that blocks is a matter of the plan's waivers.
 */
export async function provenGates(
  before: Before | null,
  release: Release,
  waived: boolean,
  call: Call,
): Promise<GateInput[]> {
  if (!before) return []
  const { name } = before.environment
  const smoke = waived
    ? skipped(`${name}_smoke_tests`, 'waived by skip_smoke_tests')
    : await smokePassed(before.environment, release, call)
  return [
    { requirement: 'required', check: runsThere(before, release) },
    { requirement: 'required', check: smoke },
  ]
}

function runsThere({ environment, seen }: Before, release: Release): Check {
  const name = `runs_on_${environment.name}`
  const { release: current, source, live, drift } = seen
  if (drift !== null) return failed(name, drift)
  if (live.asked && live.reported === null) return failed(name, live.problem)
  const evidence = {
    runs: current?.sha ?? null,
    known_from: source,
    live: live.asked ? live.reported : null,
  }
  if (current?.sha === release.sha) {
    return passed(name, `${environment.name} runs ${release.version}`, evidence)
  }
  const runs = current ? `runs ${current.version}` : 'runs nothing gonogo knows of'
  return failed(
    name,
    `${environment.name} ${runs}, not ${release.version}: deploy it there first`,
    evidence,
  )
}

async function smokePassed(before: Environment, release: Release, call: Call): Promise<Check> {
  const name = `${before.name}_smoke_tests`
  if (smokeSteps(call, 'full').length === 0) {
    return couldNotRun(name, 'required', 'no smoke tests are configured')
  }
  const evidence = await freshEvidence(call, {
    check_name: smokeCheckName,
    sha: release.sha,
    environment: before.name,
    subject: smokeSubject(call, before),
  })
  if (evidence) return { ...evidence.check, check_name: name }
  const message = `${release.version} was not smoke-tested on ${before.name}: run run_smoke_tests`
  return couldNotRun(name, 'required', message)
}
