import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure, toFailure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { MigrationLint } from '../../ports/migrations.ts'
import type { Processes } from '../../ports/process.ts'

export interface LintedFile {
  path: string
  text: string
  /** Where each of its statements begins, and how it reads, in order. */
  statements: readonly { line: number; text: string }[]
}

export interface SquawkDeps {
  processes: Pick<Processes, 'run'>
  /** What the program is started with; absent: the caller's allow-list. */
  env?: Record<string, string>
  timeoutMs?: number
  signal?: AbortSignal
}

const versionMs = 10_000
const longestMs = 30_000

/** What squawk finds, where it is on PATH. It gets copies in a private directory, and no shell. */
export async function lintWithSquawk(
  deps: SquawkDeps,
  files: readonly LintedFile[],
): Promise<MigrationLint> {
  const linter = await versionOf(deps)
  if (linter === null) return { linter, findings: [], problem: null }
  const directory = await mkdtemp(join(tmpdir(), 'gonogo-squawk-'))
  try {
    const names = await writeAll(directory, files)
    const printed = await run(deps, directory, names)
    return { linter, findings: findingsOf(printed, files, names), problem: null }
  } catch (error) {
    deps.signal?.throwIfAborted()
    return { linter, findings: [], problem: toFailure(error).message }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function versionOf({ processes, env, signal }: SquawkDeps): Promise<string | null> {
  try {
    const { exitCode, stdout } = await processes.run(['squawk', '--version'], {
      timeoutMs: versionMs,
      ...(env && { env }),
      ...(signal && { signal }),
    })
    const text = oneLine(new TextDecoder().decode(stdout), 60)
    return exitCode === 0 && text !== '' ? text : 'squawk'
  } catch (error) {
    if (error instanceof Failure && error.code === 'missing_program') return null
    throw error
  }
}

/** Names of our own: those of a repository could be read as flags. */
async function writeAll(directory: string, files: readonly LintedFile[]): Promise<string[]> {
  const names = files.map((_, index) => `${index}.sql`)
  const writes = files.map(({ text }, index) =>
    writeFile(join(directory, names[index]!), text, { mode: 0o600 }),
  )
  await Promise.all(writes)
  return names
}

async function run(deps: SquawkDeps, cwd: string, names: readonly string[]): Promise<string> {
  const { processes, env, signal: cancel, timeoutMs = longestMs } = deps
  const argv = ['squawk', '--reporter', 'json', ...names]
  const ended = await processes.run(argv, {
    cwd,
    timeoutMs,
    ...(env && { env }),
    ...(cancel && { signal: cancel }),
  })
  const { exitCode, signal, timedOut, truncated, stdout, stderr } = ended
  if (timedOut) throw problem('did not end in time')
  if (truncated) throw problem('printed more than was expected')
  // 1 says that something was found.
  if (exitCode !== 0 && exitCode !== 1) {
    const said = oneLine(new TextDecoder().decode(stderr), 120)
    throw problem(`ended with ${exitCode ?? signal}${said === '' ? '' : `: ${said}`}`)
  }
  return new TextDecoder().decode(stdout)
}

function problem(what: string): Failure {
  return new Failure({
    code: 'internal',
    message: `squawk ${what}`,
    hint: 'run squawk by hand on the migrations',
  })
}

type Finding = MigrationLint['findings'][number]

interface Reported {
  file: string
  /** From 0. */
  line: number
  rule_name: string
  message: string
  help?: string | null
}

function findingsOf(
  printed: string,
  files: readonly LintedFile[],
  names: readonly string[],
): Finding[] {
  return reportedIn(printed).flatMap((reported) => {
    const file = files[names.indexOf(reported.file)]
    return file && !isTaste(reported.rule_name) ? [findingOf(reported, file)] : []
  })
}

function reportedIn(printed: string): Reported[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(printed)
  } catch {
    parsed = null
  }
  if (!Array.isArray(parsed) || !parsed.every(isReported)) throw problem('printed no list of JSON')
  return parsed
}

function isReported(value: unknown): value is Reported {
  if (typeof value !== 'object' || value === null) return false
  const { file, line, rule_name, message, help } = value as Partial<Reported>
  const texts = [file, rule_name, message].every((text) => typeof text === 'string')
  const isHelp = help === undefined || help === null || typeof help === 'string'
  return texts && isHelp && Number.isInteger(line)
}

/** How something is best written is no matter of safety, and what cannot be parsed we tell ourselves. */
function isTaste(rule: string): boolean {
  return /^(?:prefer-|require-.*timeout|syntax-error$)/.test(rule)
}

/** Told of the statement it is in, so that it can be compared with what we found ourselves. */
function findingOf({ line, rule_name, message, help }: Reported, file: LintedFile): Finding {
  const place = line + 1
  const statement = file.statements.findLast((each) => each.line <= place)
  return {
    file: file.path,
    line: statement?.line ?? place,
    statement: statement?.text ?? '',
    effect: oneLine(`squawk: ${message}`, 300),
    advice: oneLine(help ?? `see squawk's rule ${rule_name}`, 300),
  }
}
