import { couldNotRun, failed, passed, skipped, type Check } from '../../core/check.ts'
import type { GateInput } from '../../core/gate.ts'
import { predecessorOf, type Environment } from '../../core/project.ts'
import type { Release } from '../../core/release.ts'
import { isPlainWord, oneLine } from '../../core/text.ts'
import type { Call } from '../../ports/context.ts'
import { runnersFor } from '../checks/index.ts'
import type { CheckRunner, CheckSubject } from '../checks/check-runner.ts'
import { freshEvidence, smokeCheckName, smokeSubject } from './evidence.ts'
import { observe } from './observe.ts'
import { smokeSteps } from './smoke.ts'

/** Every configured check of a subject: cheap ones run now, costly ones by their stored results. */
export async function configuredGates(subject: CheckSubject, call: Call): Promise<GateInput[]> {
  const gates: GateInput[] = []
  for (const runner of runnersFor(call)) {
    const requirement = subject.environment.checks[runner.name]
    gates.push({ requirement, check: await gateCheck(runner, subject, call) })
  }
  return gates
}

async function gateCheck(runner: CheckRunner, subject: CheckSubject, call: Call): Promise<Check> {
  const { environment, release } = subject
  const requirement = environment.checks[runner.name]
  if (requirement === 'off') return skipped(runner.name, 'off by configuration')
  const key = runner.evidenceKey?.(call) ?? null
  if (key === null) return await runner.run(subject, call)
  const about = { check_name: runner.name, sha: release.sha, environment: null }
  const evidence = await freshEvidence(call, { ...about, subject: key })
  if (evidence) return evidence.check
  const age = `${call.project.evidence_hours} h`
  const message = `no result for ${release.version} within ${age}: run validate_deployment`
  return couldNotRun(runner.name, requirement, message)
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
 * `waived` drops the second half, never the first.
 */
export async function provenGates(
  environment: Environment,
  release: Release,
  waived: boolean,
  call: Call,
): Promise<GateInput[]> {
  const before = predecessorOf(call.project, environment.name)
  if (!before) return []
  const runs = await runsThere(before, release, call)
  const smoke = waived
    ? skipped(`${before.name}_smoke_tests`, 'waived by skip_smoke_tests')
    : await smokePassed(before, release, call)
  return [
    { requirement: 'required', check: runs },
    { requirement: waived ? 'advisory' : 'required', check: smoke },
  ]
}

async function runsThere(before: Environment, release: Release, call: Call): Promise<Check> {
  const name = `runs_on_${before.name}`
  const { release: current, live, drift } = await observe(call, before)
  if (drift !== null) return failed(name, drift)
  if (live.asked && live.reported === null) return failed(name, live.problem)
  const evidence = { runs: current?.sha ?? null, live: live.asked ? live.reported : null }
  if (current?.sha === release.sha) {
    return passed(name, `${before.name} runs ${release.version}`, evidence)
  }
  const runs = current ? `runs ${current.version}` : 'runs nothing gonogo knows of'
  return failed(
    name,
    `${before.name} ${runs}, not ${release.version}: deploy it there first`,
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
