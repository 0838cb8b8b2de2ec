import { couldNotRun, failed, passed, type Check, type Requirement } from '../../core/check.ts'
import { nextLook } from '../../core/pace.ts'
import { judgeTests } from '../../core/test-suites.ts'
import { oneLine } from '../../core/text.ts'
import type { CommitLook, CommitRecords } from '../../ports/commit-records.ts'
import type { Call } from '../../ports/context.ts'

const name = 'tests_passed'

export interface RecordedTests {
  records: CommitRecords
  sha: string
  requirement: Requirement
  /** False: what still runs is told and not waited for. */
  mayWait: boolean
}

/** GitHub takes a moment until it shows the runs of a push. */
const appearsWithinMs = 60_000
const pace = { least: 5000, most: 30_000 }

/** What the platform recorded about exactly this commit; waits for what still runs, as configured. */
export async function recordedTests(
  { records, sha, requirement, mayWait }: RecordedTests,
  { project, runtime, progress }: Call,
  signal: AbortSignal,
): Promise<Check> {
  const { suites, wait_seconds } = project.github?.tests ?? { suites: [], wait_seconds: 0 }
  const started = runtime.now()
  const patience = mayWait ? wait_seconds * 1000 : 0
  const limits = { running: patience, missing: Math.min(patience, appearsWithinMs) }
  for (;;) {
    const look = await records.look(sha, suites, signal)
    const verdict = judgeTests(look.checks, look.suites)
    const elapsed = runtime.now() - started
    const limit = verdict.open === null ? 0 : limits[verdict.open]
    if (elapsed >= limit) return checkOf(verdict, look, requirement)
    progress(`tests_passed waits: ${oneLine(verdict.message)}`)
    const pause = Math.min(nextLook(pace, elapsed, null), limit - elapsed)
    await runtime.sleep(pause, signal)
  }
}

function checkOf(
  { status, message, wanted }: ReturnType<typeof judgeTests>,
  { checks, suites }: CommitLook,
  requirement: Requirement,
): Check {
  const text = oneLine(message, 500)
  const details = { sha: checks.sha, required: wanted, suites, checks: checks.contexts }
  if (status === 'passed') return passed(name, text, details)
  if (status === 'failed') return failed(name, text, details)
  const open = status === 'pending' ? `still running: ${text}` : text
  return { ...couldNotRun(name, requirement, open), details }
}
