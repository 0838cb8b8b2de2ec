import { toFailure } from '../../../core/failure.ts'
import type { CommandStep } from '../../../core/smoke.ts'
import type { RunResult } from '../../../ports/process.ts'
import type { Programs } from '../programs.ts'
import { unasked, type StepOutcome, type StepRun } from '../step-outcome.ts'
import { fillText } from '../template.ts'
import { wrong } from './attempt.ts'
import { captureFrom, mismatches } from './compare.ts'

const mostBytes = 1024 * 1024

/** Runs a program in the project's directory and judges how it ends and what it prints. */
export async function runCommandStep(step: CommandStep, run: StepRun): Promise<StepOutcome> {
  const { programs } = run
  if (programs === null) return unasked('programs are not started here')
  const argv = step.run.map((argument) => fillText(argument, run.values))
  const { signal } = run.limits()
  try {
    const result = await execute(argv, programs, run)
    return judge(step, result, run)
  } catch (error) {
    if (signal?.aborted) return unasked('interrupted')
    return unasked(toFailure(error).message)
  }
}

/** What it leaves running is ended, too: a smoke test starts no services. */
async function execute(
  argv: readonly string[],
  { processes, directory, env }: Programs,
  run: StepRun,
): Promise<RunResult> {
  const { remainingMs, signal } = run.limits()
  let group: number | null = null
  try {
    return await processes.run(argv, {
      cwd: directory,
      env: { ...env, ...run.variables },
      timeoutMs: Math.max(1, remainingMs),
      maxBytes: mostBytes,
      onStart: (pid) => (group = pid),
      ...(signal && { signal }),
    })
  } finally {
    if (group !== null) await processes.endGroup(group, 500)
  }
}

function judge(step: CommandStep, result: RunResult, run: StepRun): StepOutcome {
  const { expect, capture } = step
  const stdout = Buffer.from(result.stdout).toString('utf8')
  if (result.timedOut) {
    return wrong(`it did not end within ${Math.round(run.limits().totalMs)} ms`)
  }
  if (result.exitCode !== expect.exit_code) return wrong(endOf(result, expect.exit_code))
  const missing = expect.stdout_contains
    .map((text) => fillText(text, run.values))
    .filter((text) => !stdout.includes(text))
    .map((text) => `its output does not have ${JSON.stringify(text)}`)
  if (missing.length > 0) return wrong(...missing)
  const problems = judgeJson(expect.stdout_json, capture, stdout, run)
  if (problems.length > 0) return wrong(...problems)
  return { ran: true, problems: [], found: `exit code ${result.exitCode}` }
}

/** What it said last, most likely about why. */
function endOf({ exitCode, signal, stderr, stdout }: RunResult, expected: number): string {
  const ended = exitCode === null ? `it was ended by ${signal}` : `exit code ${exitCode}`
  const last = [stderr, stdout]
    .map((bytes) => Buffer.from(bytes).toString('utf8').trim().split('\n').at(-1))
    .find((line) => line !== undefined && line !== '')
  return `${ended}, expected ${expected}${last === undefined ? '' : `: ${last}`}`
}

function judgeJson(
  expected: Record<string, unknown>,
  captures: Record<string, string>,
  stdout: string,
  run: StepRun,
): string[] {
  if (Object.keys(expected).length + Object.keys(captures).length === 0) return []
  try {
    const json: unknown = JSON.parse(stdout)
    const problems = mismatches(expected, json, 'JSON field', run)
    return problems.length > 0 ? problems : captureFrom(captures, json, 'JSON field', run)
  } catch {
    return [`its output is not JSON: ${run.mask.show(stdout) || 'it is empty'}`]
  }
}
