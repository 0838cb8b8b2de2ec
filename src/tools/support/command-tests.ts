import { couldNotRun, failed, passed, type Check, type Requirement } from '../../core/check.ts'
import type { TestCommand } from '../../core/project.ts'
import { countsText, failuresText, judgeCounts } from '../../core/test-report.ts'
import { oneLine } from '../../core/text.ts'
import type { TestOutcome } from '../../ports/test-runner.ts'

const name = 'tests_passed'

/** What the configured commands, and the reports they wrote, say about a commit. */
export function commandVerdict(
  outcomes: readonly TestOutcome[],
  about: { sha: string; commands: readonly TestCommand[]; requirement: Requirement },
): Check {
  const details = { sha: about.sha, commands: outcomes }
  const broken = outcomes.find((outcome) => !outcome.passed)
  if (!broken) return passed(name, passedText(outcomes), details)
  const command = about.commands.find((one) => one.name === broken.name)
  const text = (message: string) => oneLine(`${broken.name} ${message}`, 500)
  const reason = failureOf(broken, command)
  if (reason !== null) return failed(name, text(reason), details)
  // It ended well, and nothing says which tests it ran.
  const where = command?.junit ?? ''
  const why = `ended well, and its report ${where} cannot be read: ${broken.report_problem}`
  const fix = 'correct tests[].junit in gonogo.yaml, or let the command write it'
  return { ...couldNotRun(name, about.requirement, text(`${why}; ${fix}`)), details }
}

/** Null when nothing has failed for all that is known. */
function failureOf(outcome: TestOutcome, command: TestCommand | undefined): string | null {
  const { report, exit_code, timed_out } = outcome
  if (timed_out) {
    const limit = command ? ` of ${command.timeout_seconds} s` : ''
    return `ran into its time limit${limit}: make it faster, or raise its timeout_seconds`
  }
  const counted = report && judgeCounts(report.counts)
  const run = command ? `; to see it: ${typed(command.run)}` : ''
  if (report && counted === 'failed') return `${exitText(exit_code)}: ${failuresText(report)}${run}`
  if (exit_code !== 0) return `exited with ${exit_code}: mend the commit${run}`
  if (counted === 'empty') return 'ended well, and no test ran: correct what it runs in gonogo.yaml'
  return null
}

/** As somebody would type it: where a program lies differs from machine to machine. */
function typed([program = '', ...args]: readonly string[]): string {
  return [program.split('/').at(-1), ...args].join(' ')
}

function exitText(code: number | null): string {
  return code === 0 ? 'ended well, but its report says otherwise' : `exited with ${code}`
}

/** Commands without a report are only counted as commands. */
function passedText(outcomes: readonly TestOutcome[]): string {
  const counted = outcomes.flatMap(({ name: command, report }) =>
    report ? [`${command} ${countsText(report.counts)}`] : [],
  )
  const all = `${outcomes.length} test command(s) passed`
  return oneLine(counted.length === 0 ? all : `${all}: ${counted.join('; ')}`, 500)
}
