import type { TestCommand } from '../core/project.ts'

/** Runs a commit's tests in a clean copy of its tree. */
export interface TestRunner {
  /** Runs the commands in order and stops at the first that fails. */
  run(
    sha: string,
    commands: readonly TestCommand[],
    onCommand?: (name: string, done: number, total: number) => void,
  ): Promise<TestOutcome[]>
}

export interface TestOutcome {
  name: string
  passed: boolean
  exit_code: number | null
  timed_out: boolean
  duration_ms: number
  /** The last lines of output: untrusted text, sanitised. Empty when it passed. */
  output: string[]
}
