import { canonicalJson } from '../../core/canonical.ts'
import { couldNotRun, failed, passed, type Check } from '../../core/check.ts'
import { toFailure } from '../../core/failure.ts'
import type { TestOutcome } from '../../ports/test-runner.ts'
import type { CheckRunner } from './check-runner.ts'

/** The configured test commands, run for exactly this commit in a clean copy of its tree. */
export const testsPassed: CheckRunner = {
  name: 'tests_passed',
  repeatable: true,
  evidenceKey: (call) => call.runtime.sha256(canonicalJson(call.project.tests)),
  foresee(_subject, { project: { tests } }) {
    if (tests.length === 0) return { runs: false, text: 'fail: no test commands are configured' }
    const commands = tests.map((test) => test.run.join(' ')).join(', then ')
    return { runs: true, text: `run ${commands} in a clean copy` }
  },
  async run({ environment, release }, call) {
    const requirement = environment.checks.tests_passed
    if (call.project.tests.length === 0) {
      const message =
        'no test commands are configured: add tests to gonogo.yaml or set the check off'
      return couldNotRun('tests_passed', requirement, message)
    }
    try {
      const outcomes = await call.tests.run(release.sha, call.project.tests, (name, done, total) =>
        call.progress(`tests: ${name}`, done, total),
      )
      return verdict(outcomes, release.sha)
    } catch (error) {
      return couldNotRun('tests_passed', requirement, toFailure(error).message)
    }
  },
}

function verdict(outcomes: readonly TestOutcome[], sha: string): Check {
  const details = { sha, commands: outcomes }
  const broken = outcomes.find((outcome) => !outcome.passed)
  if (!broken) return passed('tests_passed', `${outcomes.length} test command(s) passed`, details)
  const how = broken.timed_out ? 'ran into its time limit' : `exited with ${broken.exit_code}`
  return failed('tests_passed', `${broken.name} ${how}`, details)
}
