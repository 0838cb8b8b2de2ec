import type { TestCommand } from '../core/project.ts'
import type { TestReport } from '../core/test-report.ts'

/** Runs a commit's tests in a clean copy of its tree. */
export interface TestRunner {
  /** Runs the commands in order and stops at the first that fails. Rejects with the signal's reason. */
  run(sha: string, commands: readonly TestCommand[], options?: TestOptions): Promise<TestOutcome[]>
}

export interface TestOptions {
  onCommand?: (name: string, done: number, total: number) => void
  signal?: AbortSignal
}

export interface TestOutcome {
  name: string
  /** By its exit code, and by its report where it writes one. */
  passed: boolean
  exit_code: number | null
  timed_out: boolean
  duration_ms: number
  /** The last lines of output: untrusted text, sanitised. Empty when it passed. */
  output: string[]
  /** What its report counts; null without one. */
  report: TestReport | null
  /** Why the report that it should have written cannot be read; null when it can, or none is wanted. */
  report_problem: string | null
}
