import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure } from '../../core/failure.ts'
import { oneLine } from '../../core/text.ts'
import type { Processes, RunOptions, RunResult } from '../../ports/process.ts'

export interface GitDeps {
  /** Absolute path of a repository's root, with a work tree or bare. */
  repository: string
  processes: Pick<Processes, 'run'>
  /** What git itself needs to start: PATH, and HOME for the user's `safe.directory`. */
  env: Record<string, string>
}

type GitOptions = Pick<RunOptions, 'input' | 'maxBytes' | 'cwd' | 'env'>

/** Git, pinned to one repository. */
export interface Git {
  /** Absolute path of the object store; worktrees of one repository share it. */
  readonly objects: string
  /** `sha1` or `sha256`. */
  readonly objectFormat: string
  /** Output of a command that must succeed. */
  output(args: readonly string[], options?: GitOptions): Promise<Uint8Array>
  /** The same as text, without the last newline. */
  text(args: readonly string[]): Promise<string>
  /** The exit code, for commands that answer with it. */
  ask(args: readonly string[]): Promise<{ exitCode: number | null; text: string }>
}

const timeoutMs = 120_000

// The repository's own configuration must not be able to start a program or reach the network: a
// hook, a file-system monitor, or the lazy fetch of a partial clone.
const settings = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['protocol.allow', 'never'],
].flatMap(([name, value]) => ['-c', `${name}=${value}`])

const fixedEnv = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_LAZY_FETCH: '1',
  // A file may be called `:(top)x` or `*`.
  GIT_LITERAL_PATHSPECS: '1',
  // A replacement ref would put other content under a commit's name.
  GIT_NO_REPLACE_OBJECTS: '1',
  LC_ALL: 'C',
}

/** Finds the repository; only at the given path itself, never in a directory above it. */
export async function openGit(deps: GitDeps): Promise<Git> {
  return await openAt(deps, await rootOf(deps))
}

/** The same for many questions: what the repository is like is asked once for each place it is found at. */
export function gitOpener(deps: GitDeps): () => Promise<Git> {
  const known = new Map<string, Promise<Git>>()
  return async () => {
    const root = await rootOf(deps)
    const opened = known.get(root) ?? openAt(deps, root)
    known.set(root, opened)
    opened.catch(() => known.delete(root))
    return await opened
  }
}

async function rootOf(deps: GitDeps): Promise<string> {
  return await realpath(deps.repository).catch((cause: unknown) => {
    throw unavailable(deps, 'there is no such directory', cause)
  })
}

async function openAt(deps: GitDeps, root: string): Promise<Git> {
  const found = await callGit(
    deps,
    [
      'rev-parse',
      '--path-format=absolute',
      '--git-dir',
      '--git-path',
      'objects',
      '--show-object-format',
    ],
    { cwd: root, env: { GIT_CEILING_DIRECTORIES: dirname(root) } },
  )
  if (found.exitCode !== 0) throw unavailable(deps, complaint(found))
  const [gitDir = '', objects = '', objectFormat = ''] = textOf(found.stdout).split('\n')
  const pinned: GitDeps = { ...deps, env: { ...deps.env, GIT_DIR: gitDir } }
  const call = (args: readonly string[], options?: GitOptions) =>
    callGit(pinned, args, { cwd: root, ...options })
  const text = async (args: readonly string[]) => textOf(succeeded(deps, args, await call(args)))
  return {
    objects,
    objectFormat,
    output: async (args, options) => succeeded(deps, args, await call(args, options)),
    text,
    ask: async (args) => {
      const { exitCode, stdout } = await call(args)
      return { exitCode, text: textOf(stdout) }
    },
  }
}

async function callGit(
  deps: GitDeps,
  args: readonly string[],
  options: GitOptions,
): Promise<RunResult> {
  const env = { ...deps.env, ...fixedEnv, ...options.env }
  try {
    const argv = ['git', '--no-pager', ...settings, ...args]
    return await deps.processes.run(argv, { timeoutMs, ...options, env })
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'missing_program') throw error
    throw new Failure({
      code: 'source_unavailable',
      message: 'git is not installed, or not on PATH',
      hint: 'install git, then check with: git --version',
      cause: error,
    })
  }
}

function succeeded(deps: GitDeps, args: readonly string[], result: RunResult): Uint8Array {
  if (result.timedOut) throw unavailable(deps, `git ${args[0]} did not end in time`)
  if (result.truncated) throw unavailable(deps, `git ${args[0]} printed more than was expected`)
  if (result.exitCode !== 0) throw unavailable(deps, complaint(result))
  return result.stdout
}

function unavailable(deps: GitDeps, problem: string, cause?: unknown): Failure {
  return new Failure({
    code: 'source_unavailable',
    message: `cannot read the git repository ${deps.repository}: ${problem}`,
    hint: `check with: git -C ${deps.repository} status; "repository" in gonogo.yaml names its root`,
    cause,
  })
}

function complaint(result: RunResult): string {
  const text = oneLine(textOf(result.stderr), 300)
  return text === '' ? `git ended with ${result.exitCode ?? result.signal}` : text
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replace(/\n$/, '')
}
