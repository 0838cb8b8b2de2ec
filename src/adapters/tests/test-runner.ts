import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestCommand } from '../../core/project.ts'
import { tailLines } from '../../core/text.ts'
import type { Processes, RunResult } from '../../ports/process.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { Source } from '../../ports/source.ts'
import type { TestOutcome, TestRunner } from '../../ports/test-runner.ts'

const outputLines = 20
const outputBudget = 2000

/**
 * Tests run in a clean copy of the commit's tree below `directory`, which is removed afterwards. They
 * get the process port's allow-list of variables: the code under test must not see gonogo's secrets.
 */
export function createTestRunner(deps: {
  directory: string
  source: Source
  processes: Processes
  runtime: Pick<Runtime, 'now'>
}): TestRunner {
  return {
    async run(sha, commands, onCommand) {
      await mkdir(deps.directory, { recursive: true, mode: 0o700 })
      const tree = await mkdtemp(join(deps.directory, `${sha.slice(0, 12)}-`))
      try {
        await deps.source.export(sha, tree)
        const outcomes: TestOutcome[] = []
        for (const [index, command] of commands.entries()) {
          onCommand?.(command.name, index, commands.length)
          outcomes.push(await runCommand(deps, tree, command))
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
  deps: { processes: Processes; runtime: Pick<Runtime, 'now'> },
  tree: string,
  command: TestCommand,
): Promise<TestOutcome> {
  const started = deps.runtime.now()
  const result = await deps.processes.run(command.run, {
    cwd: join(tree, command.directory),
    timeoutMs: command.timeout_seconds * 1000,
  })
  const passed = result.exitCode === 0 && !result.timedOut
  return {
    name: command.name,
    passed,
    exit_code: result.exitCode,
    timed_out: result.timedOut,
    duration_ms: deps.runtime.now() - started,
    output: passed ? [] : tailLines(textOf(result), outputLines, outputBudget),
  }
}

function textOf({ stdout, stderr }: RunResult): string {
  const decoder = new TextDecoder()
  return `${decoder.decode(stdout)}\n${decoder.decode(stderr)}`
}
