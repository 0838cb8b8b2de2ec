import { canonicalJson } from '../../core/canonical.ts'
import { skipped } from '../../core/check.ts'
import type { CommitRecords } from '../../ports/commit-records.ts'
import type { Call } from '../../ports/context.ts'
import { commandVerdict } from '../support/command-tests.ts'
import { recordedTests } from '../support/recorded-tests.ts'
import { unseenCheck } from '../support/unseen-check.ts'
import { byPolicy, type CheckRunner } from './check-runner.ts'

const name = 'tests_passed'

/**
 * The configured test commands, run for exactly this commit in a clean copy of its tree. Without
 * commands, what the platform's own checks of this commit came to.
 */
export const testsPassed: CheckRunner = {
  name,
  requirement: byPolicy(name),
  repeatable: true,
  // What the platform has recorded may change at any time, and is cheap to ask for.
  evidenceKey: (call) =>
    recordsFor(call) ? null : call.runtime.sha256(canonicalJson(call.project.tests)),
  foresee({ release }, call) {
    const { tests } = call.project
    const records = recordsFor(call)
    if (records) return { runs: true, text: askText(records, release.version, call) }
    if (tests.length === 0) return { runs: false, text: 'fail: no test commands are configured' }
    const commands = tests.map((test) => test.run.join(' ')).join(', then ')
    return { runs: true, text: `run ${commands} in a clean copy` }
  },
  async run({ environment, release: { sha }, mayWait = false }, call, signal) {
    const requirement = environment.checks.tests_passed
    const { tests: commands } = call.project
    try {
      const records = recordsFor(call)
      if (records) {
        return await recordedTests({ records, sha, requirement, mayWait }, call, signal)
      }
      if (commands.length === 0) {
        const fix = 'add tests to gonogo.yaml or set the check off'
        return skipped(name, `no test commands are configured: ${fix}`)
      }
      const onCommand = (test: string, done: number, total: number) =>
        call.progress(`tests: ${test}`, done, total)
      const outcomes = await call.tests.run(sha, commands, { onCommand, signal })
      return commandVerdict(outcomes, { sha, commands, requirement })
    } catch (error) {
      return unseenCheck(name, requirement, error)
    }
  },
}

/** Commands that were configured are what somebody wants to be run; the records are there without them. */
function recordsFor({ project, commitRecords }: Call): CommitRecords | null {
  return project.tests.length === 0 ? commitRecords : null
}

function askText(records: CommitRecords, version: string, { project }: Call): string {
  const files = new Set(project.github?.tests.suites.map(({ workflow }) => workflow))
  const suites = files.size === 0 ? '' : ` and the runs of ${[...files].join(', ')}`
  return `ask ${records.describe()} for the checks of ${version}${suites}`
}
