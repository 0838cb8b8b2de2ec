import { mkdir, mkdtemp, realpath, rm, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { Failure } from '../../core/failure.ts'
import type { TestCommand } from '../../core/project.ts'
import { judgeCounts, type TestReport } from '../../core/test-report.ts'
import { oneLine, tailLines } from '../../core/text.ts'
import type { Processes, RunResult } from '../../ports/process.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { Source } from '../../ports/source.ts'
import type { TestReports } from '../../ports/test-reports.ts'
import type { TestOutcome, TestRunner } from '../../ports/test-runner.ts'
import { readReports, removeReports, type ReportPlace } from './report-files.ts'

const outputLines = 20
const outputBudget = 2000

export interface TestRunnerDeps {
  directory: string
  source: Source
  processes: Processes
  runtime: Pick<Runtime, 'now'>
  reports: TestReports
}

/**
 * Tests run in a clean copy of the commit's tree below `directory`, which is removed afterwards. They
 * get the process port's allow-list of variables: the code under test must not see gonogo's secrets.
 */
export function createTestRunner(deps: TestRunnerDeps): TestRunner {
  return {
    async run(sha, commands, { onCommand, signal } = {}) {
      await mkdir(deps.directory, { recursive: true, mode: 0o700 })
      const tree = await realpath(await mkdtemp(join(deps.directory, `${sha.slice(0, 12)}-`)))
      try {
        await deps.source.export(sha, tree)
        const outcomes: TestOutcome[] = []
        for (const [index, command] of commands.entries()) {
          signal?.throwIfAborted()
          onCommand?.(command.name, index, commands.length)
          outcomes.push(await runCommand(deps, tree, command, signal))
          if (!outcomes.at(-1)?.passed) break
        }
        return outcomes
      } finally {
        await rm(tree, { recursive: true, force: true })
      }
    },
  }
}

async function runCommand(
  deps: TestRunnerDeps,
  tree: string,
  command: TestCommand,
  signal: AbortSignal | undefined,
): Promise<TestOutcome> {
  const started = deps.runtime.now()
  const directory = await directoryOf(tree, command)
  const place = command.junit === null ? null : { tree, directory, pattern: command.junit }
  if (place) await removeReports(place)
  const result = await deps.processes.run(command.run, {
    cwd: directory,
    timeoutMs: command.timeout_seconds * 1000,
    ...(signal && { signal }),
  })
  const { report, problem } = place ? await readAll(deps.reports, place) : nothingWanted
  const ended = result.exitCode === 0 && !result.timedOut
  const passed = ended && (place === null || (report && judgeCounts(report.counts)) === 'passed')
  return {
    name: command.name,
    passed,
    exit_code: result.exitCode,
    timed_out: result.timedOut,
    duration_ms: deps.runtime.now() - started,
    output: passed ? [] : tailLines(textOf(result), outputLines, outputBudget),
    report,
    report_problem: problem,
  }
}

/** Where it runs. A link could lead to files that are no part of the commit. */
async function directoryOf(tree: string, { name, directory }: TestCommand): Promise<string> {
  const path = await realpath(join(tree, directory)).catch(() => '')
  const isInside = path === tree || path.startsWith(tree + sep)
  if (isInside && (await stat(path)).isDirectory()) return path
  throw new Failure({
    code: 'invalid_input',
    message: `${oneLine(name)} cannot run: ${oneLine(directory)} is no directory of this commit`,
    hint: 'correct tests[].directory in gonogo.yaml',
  })
}

interface ReadReport {
  report: TestReport | null
  problem: string | null
}

const nothingWanted: ReadReport = { report: null, problem: null }

/** Why a report cannot be read is a result, too: the file system's reasons and those of its content. */
async function readAll(reports: TestReports, place: ReportPlace): Promise<ReadReport> {
  try {
    return { report: await readReports(reports, place), problem: null }
  } catch (error) {
    return { report: null, problem: problemOf(error as Error) }
  }
}

/** The file system's own words have the path of the copy in them, which is another one each time. */
function problemOf(error: NodeJS.ErrnoException): string {
  return error.code === undefined || error instanceof Failure
    ? oneLine(error.message)
    : `a file that it names cannot be opened (${error.code})`
}

function textOf({ stdout, stderr }: RunResult): string {
  const decoder = new TextDecoder()
  return `${decoder.decode(stdout)}\n${decoder.decode(stderr)}`
}
