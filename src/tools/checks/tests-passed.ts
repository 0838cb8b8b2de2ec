import { canonicalJson } from '../../core/canonical.ts'
import { couldNotRun, failed, passed, type Check, type Requirement } from '../../core/check.ts'
import { judgeCommit } from '../../core/commit-checks.ts'
import { toFailure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { CommitRecords } from '../../ports/commit-records.ts'
import type { Call } from '../../ports/context.ts'
import type { TestOutcome } from '../../ports/test-runner.ts'
import type { CheckRunner } from './check-runner.ts'

const name = 'tests_passed'

/**
 * The configured test commands, run for exactly this commit in a clean copy of its tree. Without
 * commands, what the platform's own checks of this commit came to.
 */
export const testsPassed: CheckRunner = {
  name,
  repeatable: true,
  // What the platform has recorded may change at any time, and is cheap to ask for.
  evidenceKey: (call) =>
    recordsFor(call) ? null : call.runtime.sha256(canonicalJson(call.project.tests)),
  foresee({ release }, call) {
    const { tests } = call.project
    const records = recordsFor(call)
    if (records) {
      const text = `ask ${records.describe()} for the checks of ${release.version}`
      return { runs: true, text }
    }
    if (tests.length === 0) return { runs: false, text: 'fail: no test commands are configured' }
    const commands = tests.map((test) => test.run.join(' ')).join(', then ')
    return { runs: true, text: `run ${commands} in a clean copy` }
  },
  async run({ environment, release }, call) {
    const requirement = environment.checks.tests_passed
    try {
      const records = recordsFor(call)
      if (records) return await recorded(records, release.sha, requirement)
      if (call.project.tests.length === 0) {
        const message =
          'no test commands are configured: add tests to gonogo.yaml or set the check off'
        return couldNotRun(name, requirement, message)
      }
      const outcomes = await call.tests.run(release.sha, call.project.tests, (test, done, total) =>
        call.progress(`tests: ${test}`, done, total),
      )
      return verdict(outcomes, release.sha)
    } catch (error) {
      return couldNotRun(name, requirement, toFailure(error).message)
    }
  },
}

/** Commands that were configured are what somebody wants to be run; the records are there without them. */
function recordsFor({ project, commitRecords }: Call): CommitRecords | null {
  return project.tests.length === 0 ? commitRecords : null
}

async function recorded(
  records: CommitRecords,
  sha: string,
  requirement: Requirement,
): Promise<Check> {
  const checks = await records.checks(sha)
  const { status, message, wanted } = judgeCommit(checks)
  const text = oneLine(message, 400)
  const details = { sha, required: wanted, checks: checks.contexts }
  if (status === 'passed') return passed(name, text, details)
  if (status === 'failed') return failed(name, text, details)
  const open = status === 'pending' ? `still running: ${text}` : text
  return { ...couldNotRun(name, requirement, open), details }
}

function verdict(outcomes: readonly TestOutcome[], sha: string): Check {
  const details = { sha, commands: outcomes }
  const broken = outcomes.find((outcome) => !outcome.passed)
  if (!broken) return passed(name, `${outcomes.length} test command(s) passed`, details)
  const how = broken.timed_out ? 'ran into its time limit' : `exited with ${broken.exit_code}`
  return failed(name, `${broken.name} ${how}`, details)
}
